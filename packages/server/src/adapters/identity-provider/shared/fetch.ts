import { Buffer } from 'node:buffer'
import type { CustomFetch } from 'openid-client'
import type { IdentityProviderDeps } from '../../../ports/identity-provider.ts'

/** What a provider's longest answer, a list of keys or of groups, may hold. */
const ANSWER_BYTES = 1_048_576
const EMPTY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304])

/** The libraries' way out: every call goes through the egress path, to the provider's own origins alone, and comes back whole and bounded. */
export const fetchThrough = ({ fetchConfigured }: Pick<IdentityProviderDeps, 'fetchConfigured'>): CustomFetch => async (url, { method, headers, body, signal }) => {
  if (method !== 'GET' && method !== 'POST') throw new TypeError(`${method} is not sent to identity providers.`)
  const text = body instanceof URLSearchParams ? body.toString() : body
  if (text !== undefined && text !== null && typeof text !== 'string') throw new TypeError('Only text is sent to identity providers.')
  const response = await fetchConfigured({
    url: new URL(url), method, headers: lowerCased(headers), signal: signal ?? new AbortController().signal, awaitsWhole: true,
    ...(typeof text === 'string' && { body: text }),
  })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > ANSWER_BYTES) throw new TypeError('The identity provider\'s answer is too long.')
    chunks.push(chunk)
  }
  return new Response(EMPTY_STATUSES.has(response.status) ? null : Buffer.concat(chunks), { status: response.status, headers: response.headers })
}

const lowerCased = (headers: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
