import type { IncomingMessage } from 'node:http'
import { beginHttp } from './http-client.ts'

export interface Page { readonly url: URL; readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, string>> }

/** A browser without scripts: keeps cookies by host and port, follows redirects and pages that go on by themselves, and submits forms. */
export function openRedirectBrowser() {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: URL) => {
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    return jar
  }
  const keep = (url: URL, response: IncomingMessage) => {
    for (const line of response.headers['set-cookie'] ?? []) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      const isGone = attributes.some((attribute) => /^max-age=0$/i.test(attribute) || (/^expires=/i.test(attribute) && Date.parse(attribute.slice(8)) < Date.now()))
      if (isGone || value === '') jarOf(url).delete(name)
      else jarOf(url).set(name, value)
    }
  }
  const request = async (url: URL, options: { readonly method: string; readonly form?: string; readonly from: string | undefined }): Promise<Page> => {
    const cookie = [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ')
    const { response } = beginHttp({
      port: Number(url.port), method: options.method, path: url.pathname + url.search, ...(options.form !== undefined && { body: options.form }), ...(options.from !== undefined && { from: options.from }),
      headers: { host: url.host, accept: 'text/html,*/*', ...(cookie !== '' && { cookie }), ...(options.form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) },
    })
    const answer = await response
    keep(url, answer)
    let text = ''
    for await (const chunk of answer as AsyncIterable<Buffer>) text += chunk.toString('utf8')
    return { url, status: answer.statusCode ?? 0, text, headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])) }
  }
  const MOST = 20
  return {
    cookies: (url: string): ReadonlyMap<string, string> => jarOf(new URL(url)),
    /** One request, without following where it leads. */
    get: (url: string, from?: string) => request(new URL(url), { method: 'GET', from }),
    /** Goes there, and on wherever redirects lead, until `stop` holds of the next address or a page stays. */
    async go(url: string, { stop = () => false, from, form }: { readonly stop?: (next: URL) => boolean; readonly from?: string; readonly form?: string } = {}): Promise<Page> {
      let page = await request(new URL(url), { method: form === undefined ? 'GET' : 'POST', ...(form !== undefined && { form }), from })
      for (let hops = 0; hops < MOST; hops += 1) {
        const next = page.headers['location'] ?? /http-equiv="refresh" content="0;url=([^"]+)"/.exec(page.text)?.[1]?.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
        if (next === undefined) return page
        const target = new URL(next, page.url)
        if (stop(target)) return { ...page, url: target }
        page = await request(target, { method: 'GET', from })
        page = { ...page, url: target }
      }
      throw new Error('The redirects have no end.')
    },
  }
}
export type RedirectBrowser = ReturnType<typeof openRedirectBrowser>
