import { signAws } from '../../../kernel/sign-aws.ts'
import { BlobStoreFailure, type BlobStoreDeps } from '../../../ports/blob-store.ts'
import type { S3Settings } from './config.ts'

const TRIES = 3
const WAIT_MILLISECONDS = 300
const CALL_MILLISECONDS = 280_000
/** Of an answer: one part, and what a listing of a thousand names takes. */
const MOST_BYTES = 12_582_912

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Null for the bucket itself. */
  readonly name: string | null
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Statuses that are an answer; any other is a failure. */
  readonly accept?: readonly number[]
  /** What must not be done twice. */
  readonly once?: true
}
export interface S3Answer { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }

/** Signed calls to one bucket, tried again where the service was busy or did not answer. Throws `BlobStoreFailure`. */
export function createCalls(settings: S3Settings, { fetchConfigured }: BlobStoreDeps) {
  const base = new URL(settings.address)
  const once = async ({ method, name, query = {}, headers = {}, body }: S3Request): Promise<S3Answer> => {
    const url = new URL(base)
    url.pathname = `${base.pathname.replace(/\/$/, '')}/${settings.bucket}${name === null ? '' : `/${settings.prefix}${name}`}`
    url.search = Object.entries(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')
    const signed = await signAws({ service: 's3', region: settings.region, url, method, body: body ?? '', headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/octet-stream' }) } }, settings)
    const response = await fetchConfigured({ url, method, headers: signed, ...(body !== undefined && { body }), awaitsWhole: true, signal: AbortSignal.timeout(CALL_MILLISECONDS) })
    return { status: response.status, headers: response.headers, body: await readAll(response.body) }
  }
  const call = async (request: S3Request): Promise<S3Answer> => {
    let last: unknown = null
    for (let attempt = 0; attempt < (request.once === true ? 1 : TRIES); attempt += 1) {
      if (attempt > 0) await new Promise((resolve) => { setTimeout(resolve, WAIT_MILLISECONDS * 2 ** attempt) })
      try {
        const answer = await once(request)
        if ((request.accept ?? [200]).includes(answer.status)) return answer
        if (answer.status < 500 && answer.status !== 429) throw refusal(settings, answer)
        last = new Error(`It answered ${answer.status}.`)
      } catch (error) {
        if (error instanceof BlobStoreFailure) throw error
        last = error
      }
    }
    throw new BlobStoreFailure(`The store of backups at ${base.origin} does not answer. Check that it runs and that this server reaches it.`, { cause: last })
  }
  return { call, text: async (request: S3Request): Promise<string> => (await call(request)).body.toString('utf8') }
}
export type S3Calls = ReturnType<typeof createCalls>

function refusal({ bucket }: S3Settings, { status, body }: S3Answer): BlobStoreFailure {
  const [, code = `status ${status}`] = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(body.toString('utf8', 0, 4_096)) ?? []
  if (code === 'NoSuchBucket') return new BlobStoreFailure(`There is no bucket ${bucket}. Make it, or mend backup.s3Bucket.`)
  return new BlobStoreFailure(`The store of backups refuses (${code}). The credentials need to list the bucket ${bucket} and to get, put and delete objects in it, the region must be its own, and the clock of this machine must be right.`)
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) throw new Error('The answer is longer than was asked for.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
