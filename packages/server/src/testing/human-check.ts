import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Problem, type HumanCheckOffer, type ProofOfWorkSolution } from '@sallyport/contract'
import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'

/** The offer in a refusal. Throws where there is none. */
export function offerIn(json: unknown): HumanCheckOffer {
  const { humanCheck } = Problem.parse(json)
  if (humanCheck === undefined) throw new Error(`No check was asked for: ${JSON.stringify(json)}`)
  return humanCheck
}

/** Does the work, as the page does. */
export async function solve(offer: HumanCheckOffer): Promise<ProofOfWorkSolution> {
  if (offer.kind !== 'proof-of-work') throw new Error('This check is no work.')
  const solution = await solveChallenge({ challenge: offer.challenge, deriveKey })
  if (solution === null) throw new Error('The work was given up.')
  return { challenge: offer.challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } }
}
/** As it stands in the header. */
export const toHeader = (payload: unknown): string => Buffer.from(JSON.stringify(payload)).toString('base64')

/** How the service behaves for a while. */
export type SiteverifyMood = 'well' | 'wrong-secret' | 'down' | 'garbled' | 'endless' | 'internal-error'
export interface SiteverifyServer extends AsyncDisposable {
  readonly url: string
  /** What came, as it came. */
  readonly seen: readonly Readonly<Record<string, unknown>>[]
  mood: SiteverifyMood
  /** A token such as the widget gives, good once. */
  mint(made: { readonly action: string; readonly cdata: string }): string
}

/** Such a script as the service has: what `render` is told comes back in the token, which the service's own frame hands over. */
const scriptOf = (origin: string): string => `globalThis.turnstile = {
  render(place, options) {
    const frame = document.createElement('iframe')
    frame.src = '${origin}/frame?' + new URLSearchParams({ action: options.action, cdata: options.cData })
    frame.title = 'Widget of another service'
    frame.height = '72'
    addEventListener('message', (event) => { if (event.origin === '${origin}' && event.source === frame.contentWindow) options.callback(event.data) })
    place.append(frame)
    return 'widget'
  },
  remove() {},
}`
const frameOf = (token: string): string => `<!doctype html><html lang="en"><title>Widget</title><p>You are a person.</p><script>setTimeout(() => parent.postMessage('${token}', '*'), 1000)</script>`

/** Turnstile's siteverify, as its documentation describes it: a token is good once, for the secret of its site, and carries what the widget was told. Beside it a script and a frame such as the service has. */
export async function startSiteverify(secret: string): Promise<SiteverifyServer> {
  const tokens = new Map<string, { readonly action: string; readonly cdata: string; used: boolean }>()
  const seen: Readonly<Record<string, unknown>>[] = []
  const state = { mood: 'well' as SiteverifyMood, minted: 0 }
  const judge = (sent: Readonly<Record<string, unknown>>) => {
    const failed = (...codes: readonly string[]) => ({ success: false, 'error-codes': codes, messages: [] })
    if (state.mood === 'internal-error') return failed('internal-error')
    if (sent['secret'] !== secret || state.mood === 'wrong-secret') return failed('invalid-input-secret')
    const token = tokens.get(String(sent['response']))
    if (token === undefined) return failed(sent['response'] === undefined ? 'missing-input-response' : 'invalid-input-response')
    if (token.used) return failed('timeout-or-duplicate')
    token.used = true
    return { success: true, 'error-codes': [], challenge_ts: new Date().toISOString(), hostname: 'chat.example.org', action: token.action, cdata: token.cdata, metadata: { interactive: false } }
  }
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const mint = (made: { readonly action: string; readonly cdata: string }): string => {
    state.minted += 1
    const token = `0.token-${state.minted}`
    tokens.set(token, { ...made, used: false })
    return token
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const url = new URL(request.url ?? '', origin())
      if (url.pathname === '/turnstile/v0/api.js') { response.writeHead(200, { 'content-type': 'text/javascript' }).end(scriptOf(origin())); return }
      if (url.pathname === '/frame') { response.writeHead(200, { 'content-type': 'text/html' }).end(frameOf(mint({ action: url.searchParams.get('action') ?? '', cdata: url.searchParams.get('cdata') ?? '' }))); return }
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Readonly<Record<string, unknown>>
      seen.push(body)
      if (request.url !== '/turnstile/v0/siteverify' || request.method !== 'POST') { response.writeHead(404).end(); return }
      if (state.mood === 'down') response.writeHead(503).end('{}')
      else if (state.mood === 'garbled') response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":"yes"')
      else if (state.mood === 'endless') response.writeHead(200).end(' '.repeat(200_000))
      else {
        const answer = judge(body)
        response.writeHead(answer.success ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      }
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: origin(), seen,
    get mood() { return state.mood },
    set mood(mood) { state.mood = mood },
    mint,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    },
  }
}
