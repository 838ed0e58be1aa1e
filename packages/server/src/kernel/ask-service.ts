import type { EgressRequest, EgressResponse } from '../ports/egress.ts'

const TRIES = 3
const WAIT_MILLISECONDS = 200
const CALL_MILLISECONDS = 10_000

/** Null stands for what is no JSON: its status tells. */
export interface ServiceAnswer { readonly status: number; readonly body: unknown }
export interface Asking { readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse>; readonly mostBytes: number }

/**
 * Asks a service that the server cannot do without for JSON, again where it does not answer or is busy: what is asked may be done twice
 * without harm. Throws why the last try failed.
 */
export async function askService({ fetchConfigured, mostBytes }: Asking, request: Omit<EgressRequest, 'signal'>): Promise<ServiceAnswer> {
  let last: unknown = null
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt > 0) await new Promise((resolve) => { setTimeout(resolve, WAIT_MILLISECONDS * 2 ** attempt) })
    try {
      const response = await fetchConfigured({ ...request, signal: AbortSignal.timeout(CALL_MILLISECONDS) })
      const body = await readJson(response.body, mostBytes)
      if (response.status < 500 && response.status !== 429) return { status: response.status, body }
      last = new Error(`It answered ${response.status}.`)
    } catch (error) {
      last = error
    }
  }
  throw last
}

async function readJson(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) throw new Error(`The answer is longer than ${mostBytes} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return null
  }
}
