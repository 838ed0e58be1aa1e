import type { HttpReply } from './http-client.ts'
import type { Person, TestServer } from './server.ts'
import type { VendorServer } from './vendor-server.ts'

/** How often a vendor was asked for an answer. */
export const callsOf = (vendor: VendorServer): number => vendor.requests.filter(({ method }) => method === 'POST').length

/** Asks over the gateway with somebody's key. */
export const askGateway = (server: TestServer, person: Person, body: Readonly<Record<string, unknown>>): Promise<HttpReply> =>
  server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${person.key}` }, body: { model: 'openai/model-a', ...body } })

/** What an answer says of the cache; `none` where its request is none whose answer may be kept. */
export const cacheOf = ({ status, headers }: HttpReply): string => (status === 200 ? headers['sallyport-cache'] ?? 'none' : String(status))
