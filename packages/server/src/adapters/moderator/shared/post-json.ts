import type { ModeratorDeps } from '../../../ports/moderator.ts'
import type { Secret } from '../../../kernel/secret.ts'

const ANSWER_BYTES = 262_144

export interface JsonCall { readonly baseUrl: URL; readonly path: string; readonly credential: Secret | undefined; readonly body: unknown; readonly signal: AbortSignal }

/** Posts JSON below a base address and gives the parsed answer. Throws for any status but 200, and for an answer that is too long or not JSON. */
export async function postJson({ fetchConfigured }: ModeratorDeps, { baseUrl, path, credential, body, signal }: JsonCall): Promise<unknown> {
  const response = await fetchConfigured({
    url: new URL(baseUrl.origin + baseUrl.pathname.replace(/(?<!\/)\/+$/, '') + path), method: 'POST', signal, body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept: 'application/json', ...(credential !== undefined && { authorization: `Bearer ${credential.reveal()}` }) },
  })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > ANSWER_BYTES) throw new Error('The moderator\'s answer is too long.')
    chunks.push(chunk)
  }
  if (response.status !== 200) throw new Error(`The moderator answered ${response.status}.`)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
