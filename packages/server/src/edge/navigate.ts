import { problems } from '@sallyport/contract'
import type { NavigationReply } from '../kernel/handler.ts'
import type { ProblemError } from '../kernel/problem.ts'
import { navigationContentSecurityPolicy } from '../policy/headers.ts'
import type { Visit } from './visit.ts'

/** Where the page tells people what went wrong on the way to a provider or back. */
const PROBLEM_PAGE = '/sign-in#problem='

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** A page without script that goes on by itself. Its address, with the provider's code in it, leaves no trace in the history. */
const pageTo = (to: string) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sallyport</title><meta http-equiv="refresh" content="0;url=${escaped(to)}"><p><a href="${escaped(to)}">Go on</a></p></html>`

function sendPage(visit: Visit, status: number, to: string): void {
  const text = pageTo(to)
  visit.headers['Content-Type'] = 'text/html; charset=utf-8'
  visit.headers['Content-Length'] = String(Buffer.byteLength(text))
  visit.headers['Content-Security-Policy'] = navigationContentSecurityPolicy
  visit.raw.writeHead(status, visit.headers)
  visit.raw.end(visit.request.method === 'HEAD' ? undefined : text)
}

/** Sends a browser on, with its cookies: each in a header of its own. */
export function sendNavigation(visit: Visit, { to, by, cookies }: NavigationReply): void {
  if (cookies.length > 0) visit.raw.setHeader('Set-Cookie', [...cookies])
  if (by === 'page') { sendPage(visit, 200, to); return }
  visit.headers['Location'] = to
  visit.headers['Content-Length'] = '0'
  visit.raw.writeHead(303, visit.headers)
  visit.raw.end()
}

/** Whether a browser shows what is answered here to a person, who could do nothing with a problem as JSON. */
export const asksForPage = (visit: Visit): boolean => (visit.request.headers.accept ?? '').includes('text/html')

/** Tells a person what went wrong: with the problem's own status, and the page that has words for its code. */
export function sendNavigationProblem(visit: Visit, { code }: ProblemError): void {
  if (visit.raw.headersSent) { visit.raw.destroy(); return }
  sendPage(visit, problems[code].status, `${PROBLEM_PAGE}${code}`)
}
