import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { hasGoodSignature, type AwsAccess } from './aws-signature.ts'

/** How a key service behaves for a while. */
export type ServiceMood = 'well' | 'sealed' | 'refuses' | 'garbled'
export interface KeyService extends AsyncDisposable {
  readonly url: string
  /** Requests that came, with their path and what KMS calls a target. */
  readonly calls: readonly string[]
  mood: ServiceMood
}
interface Answer { readonly status: number; readonly body: unknown }
type Serve = (request: IncomingMessage, text: string) => Answer

const NONCE = 12
const TAG = 16
function seal(key: Buffer, plain: Buffer, bound: Buffer): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}
function unseal(key: Buffer, sealed: Buffer, bound: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE)).setAAD(bound).setAuthTag(sealed.subarray(-TAG))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()])
}

async function listen(serve: Serve): Promise<KeyService> {
  const calls: string[] = []
  const state = { mood: 'well' as ServiceMood }
  const answer = (response: ServerResponse, { status, body }: Answer) => { response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body)) }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      calls.push(`${request.url ?? ''} ${String(request.headers['x-amz-target'] ?? '')}`.trim())
      if (state.mood === 'sealed') answer(response, { status: 503, body: { errors: ['Vault is sealed'] } })
      else if (state.mood === 'refuses') answer(response, { status: 403, body: { errors: ['permission denied'], __type: 'AccessDeniedException' } })
      else if (state.mood === 'garbled') answer(response, { status: 200, body: '<html>hello</html>' })
      else answer(response, serve(request, Buffer.concat(chunks).toString('utf8')))
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`, calls,
    get mood() { return state.mood },
    set mood(mood) { state.mood = mood },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    },
  }
}

const TransitBody = z.strictObject({ plaintext: z.base64().optional(), ciphertext: z.string().optional(), associated_data: z.base64() })

/** A transit secrets engine as HashiCorp Vault's API documents it: encrypt and decrypt with an authenticated key, several versions of it, associated data, tokens. */
export function openTransitService({ token, key }: { readonly token: string; readonly key: string }): Promise<KeyService> {
  const versions = [randomBytes(32), randomBytes(32)]
  return listen((request, text) => {
    if (request.headers['x-vault-token'] !== token) return { status: 403, body: { errors: ['permission denied'] } }
    const match = /^\/v1\/transit\/(encrypt|decrypt)\/([\w-]+)$/.exec(request.url ?? '')
    if (match?.[2] !== key) return { status: 404, body: { errors: [] } }
    const body = TransitBody.parse(JSON.parse(text))
    const bound = Buffer.from(body.associated_data, 'base64')
    if (match[1] === 'encrypt') {
      const version = 1 + (body.plaintext ?? '').length % versions.length
      return { status: 200, body: { data: { ciphertext: `vault:v${version}:${seal(versions[version - 1] ?? Buffer.alloc(32), Buffer.from(body.plaintext ?? '', 'base64'), bound).toString('base64')}` } } }
    }
    const [, version, sealed] = /^vault:v(\d+):(.+)$/.exec(body.ciphertext ?? '') ?? []
    try {
      return { status: 200, body: { data: { plaintext: unseal(versions[Number(version) - 1] ?? Buffer.alloc(32), Buffer.from(sealed ?? '', 'base64'), bound).toString('base64') } } }
    } catch {
      return { status: 400, body: { errors: ['cipher: message authentication failed'] } }
    }
  })
}

const KmsBody = z.object({ KeyId: z.string(), Plaintext: z.base64().optional(), CiphertextBlob: z.base64().optional(), EncryptionContext: z.record(z.string(), z.string()).optional() })
interface KmsAccess extends AwsAccess { readonly alias: string; readonly arn: string }

/** AWS KMS as its API reference documents it, Signature Version 4 included, which is checked here by a reading of the specification of its own. */
export function openKmsService(access: KmsAccess): Promise<KeyService> {
  const key = randomBytes(32)
  return listen((request, text) => {
    if (!hasGoodSignature(request, Buffer.from(text), { ...access, service: 'kms' })) return { status: 400, body: { __type: 'InvalidSignatureException' } }
    const body = KmsBody.parse(JSON.parse(text))
    if (body.KeyId !== access.alias && body.KeyId !== access.arn) return { status: 400, body: { __type: 'NotFoundException' } }
    const bound = Buffer.from(JSON.stringify(Object.entries(body.EncryptionContext ?? {}).toSorted()))
    switch (String(request.headers['x-amz-target'])) {
      case 'TrentService.DescribeKey': return { status: 200, body: { KeyMetadata: { Arn: access.arn, Enabled: true, KeySpec: 'SYMMETRIC_DEFAULT' } } }
      case 'TrentService.Encrypt': return { status: 200, body: { KeyId: access.arn, CiphertextBlob: seal(key, Buffer.from(body.Plaintext ?? '', 'base64'), bound).toString('base64') } }
      case 'TrentService.Decrypt':
        try {
          return { status: 200, body: { KeyId: access.arn, Plaintext: unseal(key, Buffer.from(body.CiphertextBlob ?? '', 'base64'), bound).toString('base64') } }
        } catch {
          return { status: 400, body: { __type: 'InvalidCiphertextException' } }
        }
      default: return { status: 400, body: { __type: 'UnknownOperationException' } }
    }
  })
}

interface KeptSecrets { readonly token: string; readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>> }
/** The key-value engine, version 2, of Vault's API: secrets by `mount/path`, for one token. */
export const openKeyValueService = ({ token, secrets }: KeptSecrets): Promise<KeyService> => listen((request) => {
  if (request.headers['x-vault-token'] !== token) return { status: 403, body: { errors: ['permission denied'] } }
  const [, mount = '', path = ''] = /^\/v1\/([\w-]+)\/data\/([\w/-]+)$/.exec(request.method === 'GET' ? request.url ?? '' : '') ?? []
  const data = secrets[`${mount}/${path}`]
  return data === undefined ? { status: 404, body: { errors: [] } } : { status: 200, body: { data: { data, metadata: { version: 3, destroyed: false } } } }
})

const SecretId = z.strictObject({ SecretId: z.string() })
/** AWS Secrets Manager as its API reference documents `GetSecretValue`, with the same check of signatures. */
export const openSecretsManager = (access: AwsAccess & { readonly secrets: Readonly<Record<string, string>> }): Promise<KeyService> => listen((request, text) => {
  if (!hasGoodSignature(request, Buffer.from(text), { ...access, service: 'secretsmanager' })) return { status: 400, body: { __type: 'InvalidSignatureException' } }
  if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') return { status: 400, body: { __type: 'UnknownOperationException' } }
  const value = access.secrets[SecretId.parse(JSON.parse(text)).SecretId]
  return value === undefined ? { status: 400, body: { __type: 'com.amazonaws#ResourceNotFoundException' } } : { status: 200, body: { SecretString: value, VersionStages: ['AWSCURRENT'] } }
})
