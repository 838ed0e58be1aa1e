import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hasGoodSignature, type AwsAccess } from './aws-signature.ts'

/** S3 refuses smaller parts, but for the last one. */
const LEAST_PART_BYTES = 5_242_880
const NAMES_PER_PAGE = 3

export type StoreMood = 'well' | 'busy-once' | 'busy' | 'fails-at-the-end' | 'changes-under-way' | 'garbled'
export interface ObjectStore extends AsyncDisposable {
  readonly url: string
  /** What is kept, by key. */
  readonly objects: Map<string, Buffer>
  /** Uploads in parts that were begun and neither ended nor given up. */
  readonly openUploads: () => number
  readonly calls: readonly string[]
  mood: StoreMood
}
interface Answer { readonly status: number; readonly body?: string | Buffer; readonly headers?: Readonly<Record<string, string>> }

const xml = (status: number, body: string): Answer => ({ status, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`, headers: { 'content-type': 'application/xml' } })
const failure = (status: number, code: string): Answer => xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`)
const tagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`

/** An S3 service as its API reference documents it: objects, ranges, conditions, uploads in parts, lists by pages, and Signature Version 4, checked on every call. */
export async function openObjectStore({ bucket, ...access }: AwsAccess & { readonly bucket: string }): Promise<ObjectStore> {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, { readonly key: string; readonly parts: Map<number, Buffer> }>()
  const calls: string[] = []
  const state = { mood: 'well' as StoreMood }

  const get = (key: string, request: IncomingMessage): Answer => {
    const bytes = objects.get(key)
    if (bytes === undefined) return failure(404, 'NoSuchKey')
    const condition = request.headers['if-match']
    if (condition !== undefined && condition !== tagOf(bytes)) return failure(412, 'PreconditionFailed')
    const headers = { etag: tagOf(bytes), 'accept-ranges': 'bytes' }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (first === undefined || last === undefined) return { status: 200, body: bytes, headers }
    if (Number(first) >= bytes.byteLength) return failure(416, 'InvalidRange')
    const part = bytes.subarray(Number(first), Number(last) + 1)
    if (state.mood === 'changes-under-way') objects.set(key, Buffer.concat([bytes, Buffer.from('x')]))
    return { status: 206, body: part, headers: { ...headers, 'content-range': `bytes ${first}-${Number(first) + part.byteLength - 1}/${bytes.byteLength}` } }
  }
  const list = (query: URLSearchParams): Answer => {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
    const page = keys.slice(0, NAMES_PER_PAGE)
    const more = keys.length > page.length ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : '<IsTruncated>false</IsTruncated>'
    return xml(200, `<ListBucketResult><Name>${bucket}</Name>${more}${page.map((key) => `<Contents><Key>${key}</Key><ETag>&quot;x&quot;</ETag><Size>${objects.get(key)?.byteLength ?? 0}</Size></Contents>`).join('')}</ListBucketResult>`)
  }
  const complete = (uploadId: string, body: Buffer): Answer => {
    const upload = uploads.get(uploadId)
    if (upload === undefined) return failure(404, 'NoSuchUpload')
    // S3 sends 200 before it knows, and may take it back in the body.
    if (state.mood === 'fails-at-the-end') return { ...failure(200, 'InternalError'), status: 200 }
    const named = [...body.toString('utf8').matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)].map(([, number, tag = '']) => ({ number: Number(number), tag: tag.replaceAll('&quot;', '"') }))
    const parts = named.map(({ number }) => upload.parts.get(number) ?? Buffer.alloc(0))
    if (named.length === 0 || named.some(({ tag }, index) => tag !== tagOf(parts[index] ?? Buffer.alloc(0)))) return failure(400, 'InvalidPart')
    if (parts.slice(0, -1).some((part) => part.byteLength < LEAST_PART_BYTES)) return failure(400, 'EntityTooSmall')
    objects.set(upload.key, Buffer.concat(parts))
    uploads.delete(uploadId)
    return xml(200, `<CompleteMultipartUploadResult><Key>${upload.key}</Key></CompleteMultipartUploadResult>`)
  }
  const answer = (request: IncomingMessage, body: Buffer): Answer => {
    const url = new URL(request.url ?? '/', 'http://service.test')
    calls.push(`${request.method ?? ''} ${url.pathname}${url.search}`)
    if (!hasGoodSignature(request, body, { ...access, service: 's3' })) return failure(403, 'SignatureDoesNotMatch')
    const [, named, ...rest] = decodeURIComponent(url.pathname).split('/')
    if (named !== bucket) return failure(404, 'NoSuchBucket')
    if (state.mood === 'busy' || state.mood === 'busy-once') {
      if (state.mood === 'busy-once') state.mood = 'well'
      return failure(503, 'SlowDown')
    }
    if (state.mood === 'garbled') return { status: 200, body: '<html>hello</html>' }
    const key = rest.join('/')
    const uploadId = url.searchParams.get('uploadId')
    if (key === '') return list(url.searchParams)
    switch (request.method ?? '') {
      case 'GET': return get(key, request)
      case 'DELETE':
        if (uploadId === null) objects.delete(key)
        else uploads.delete(uploadId)
        return { status: 204 }
      case 'POST': {
        if (uploadId !== null) return complete(uploadId, body)
        const id = `${randomUUID()}+/=`
        uploads.set(id, { key, parts: new Map() })
        return xml(200, `<InitiateMultipartUploadResult><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
      }
      case 'PUT': {
        const upload = uploadId === null ? undefined : uploads.get(uploadId)
        if (uploadId !== null && upload === undefined) return failure(404, 'NoSuchUpload')
        if (upload === undefined) objects.set(key, body)
        else upload.parts.set(Number(url.searchParams.get('partNumber')), body)
        return { status: 200, headers: { etag: tagOf(body) } }
      }
      default: return failure(405, 'MethodNotAllowed')
    }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const { status, body = '', headers = {} } = answer(request, Buffer.concat(chunks))
      response.writeHead(status, headers).end(body)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects, calls, openUploads: () => uploads.size,
    get mood() { return state.mood },
    set mood(mood) { state.mood = mood },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    },
  }
}
