import type { EgressRequest } from '../../../ports/egress.ts'
import { VaultFailure, type VaultOpening } from '../../../ports/key-vault.ts'

const MOST_BYTES = 65_536
const TRIES = 3
const WAIT_MILLISECONDS = 200
const CALL_MILLISECONDS = 10_000

export interface RemoteAnswer { readonly status: number; readonly body: unknown }

/**
 * Calls a key service: JSON there and back, tried again where nothing was answered or the service was busy. Wrapping and unwrapping may be done twice without harm.
 * Throws `VaultFailure` where no answer comes.
 */
export async function callService(service: string, { fetchConfigured }: Pick<VaultOpening, 'fetchConfigured'>, request: Omit<EgressRequest, 'signal'>): Promise<RemoteAnswer> {
  let last: unknown = null
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt > 0) await new Promise((resolve) => { setTimeout(resolve, WAIT_MILLISECONDS * 2 ** attempt) })
    try {
      const response = await fetchConfigured({ ...request, signal: AbortSignal.timeout(CALL_MILLISECONDS) })
      const body = await readJson(response.body)
      if (response.status < 500 && response.status !== 429) return { status: response.status, body }
      last = new Error(`It answered ${response.status}.`)
    } catch (error) {
      last = error
    }
  }
  throw new VaultFailure(`The key service ${service} at ${request.url.origin} does not answer. Without it no data can be opened. Check that it runs and that this server reaches it.`, { cause: last })
}

async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) throw new Error('The answer is too long for a key service.')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    // What is no JSON is no answer of a key service; its status tells.
    return null
  }
}
