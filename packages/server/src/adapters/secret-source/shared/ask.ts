import { SecretSourceFailure, type SecretSourceDeps } from '../../../ports/secret-source.ts'
import type { EgressRequest } from '../../../ports/egress.ts'

const MOST_BYTES = 131_072
const TRIES = 3
const WAIT_MILLISECONDS = 200
const CALL_MILLISECONDS = 10_000

export interface Answer { readonly status: number; readonly body: unknown }

/** Asks a service for JSON, again where it does not answer or is busy: reading may be done twice. Throws `SecretSourceFailure` where no answer comes. */
export async function ask(service: string, { fetchConfigured }: SecretSourceDeps, request: Omit<EgressRequest, 'signal'>): Promise<Answer> {
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
  throw new SecretSourceFailure(`${service} at ${request.url.origin} does not answer. Check that it runs and that this server reaches it.`, { cause: last })
}

async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) throw new Error('The answer is longer than a secret.')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return null
  }
}
