import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface AwsAccess { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string }

const hex = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
/** RFC 3986, as AWS has it: everything but letters, digits and `-._~`. */
const escape = (text: string) => encodeURIComponent(text).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)

/** Signature Version 4, read from its specification: canonical request, string to sign, derived key. For S3 the hash of the body must be told, and true. */
export function hasGoodSignature(request: IncomingMessage, body: Buffer, { accessKeyId, secretAccessKey, region, service }: AwsAccess & { readonly service: string }): boolean {
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([a-z0-9]+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '')
  const [, id, day, place, named, names, signature] = found ?? []
  const at = String(request.headers['x-amz-date'] ?? '')
  if (id !== accessKeyId || place !== region || named !== service || day === undefined || names === undefined || signature === undefined || !at.startsWith(day)) return false
  const signed = names.split(';')
  if (!signed.includes('host') || !signed.includes('x-amz-date')) return false
  if (service === 's3' && (request.headers['x-amz-content-sha256'] !== hex(body) || !signed.includes('x-amz-content-sha256'))) return false
  const url = new URL(request.url ?? '/', 'http://service.test')
  const path = url.pathname.split('/').map((part) => escape(decodeURIComponent(part))).join('/')
  const query = [...url.searchParams].map(([key, value]) => `${escape(key)}=${escape(value)}`).toSorted().join('&')
  const canonical = [request.method, path, query, ...signed.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`), '', names, hex(body)].join('\n')
  const key = [service, 'aws4_request'].reduce((parent, part) => mac(parent, part), mac(mac(`AWS4${secretAccessKey}`, day), region))
  const wanted = mac(key, ['AWS4-HMAC-SHA256', at, `${day}/${region}/${service}/aws4_request`, hex(canonical)].join('\n'))
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex'))
}
