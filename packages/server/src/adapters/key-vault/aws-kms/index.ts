import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'
import { signAws } from '../../../kernel/sign-aws.ts'
import { viewOf } from '../../../kernel/wipe.ts'
import { VaultFailure, type KeyVault, type KeyVaultDescriptor, type VaultOpening } from '../../../ports/key-vault.ts'
import { callService } from '../shared/remote.ts'

const config = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/), keyId: z.string().regex(/^[\w:/-]{1,200}$/), endpoint: z.url({ protocol: /^https?$/ }).nullable(),
  accessKeyId: z.instanceof(Secret).nullable(), secretAccessKey: z.instanceof(Secret).nullable(), sessionToken: z.instanceof(Secret).nullable(),
})
type Config = z.output<typeof config>

const Described = z.object({ KeyMetadata: z.object({ Arn: z.string().regex(/^[\w:/-]{1,180}$/), Enabled: z.boolean(), KeySpec: z.string() }) })
const Encrypted = z.object({ CiphertextBlob: z.base64() })
const Decrypted = z.object({ Plaintext: z.base64(), KeyId: z.string() })
const Refused = z.object({ __type: z.string() })
const SERVICE = 'AWS KMS'

/** A symmetric key of AWS KMS: it never leaves the service. The context is the call's encryption context, which KMS binds and logs. */
export const awsKmsVault = {
  id: 'aws-kms',
  title: 'AWS Key Management Service',
  config,
  async open(settings, opening) {
    const call = createCall(settings, opening)
    const described = Described.safeParse(await call('DescribeKey', { KeyId: settings.keyId }))
    if (!described.success) throw new VaultFailure(`${SERVICE} says nothing of the key ${settings.keyId}.`)
    const { Arn, Enabled, KeySpec } = described.data.KeyMetadata
    if (!Enabled || KeySpec !== 'SYMMETRIC_DEFAULT') throw new VaultFailure(`The key ${settings.keyId} of ${SERVICE} is disabled or not symmetric. Enable it, or name another in vault.name.`)
    return createKms(Arn, call)
  },
} as const satisfies KeyVaultDescriptor<Config>

type KmsCall = (action: 'DescribeKey' | 'Encrypt' | 'Decrypt', body: object) => Promise<unknown>

function createKms(arn: string, call: KmsCall): KeyVault {
  const shared = (context: string) => ({ KeyId: arn, EncryptionContext: { 'sallyport:context': context } })
  return {
    keyId: arn,
    async wrap(plain, context) {
      const answer = Encrypted.safeParse(await call('Encrypt', { ...shared(context), Plaintext: viewOf(plain).toString('base64') }))
      if (!answer.success) throw new VaultFailure(`${SERVICE} answered something that is no wrapped key.`)
      return Buffer.from(answer.data.CiphertextBlob, 'base64')
    },
    async unwrap(wrapped, context) {
      const answer = Decrypted.safeParse(await call('Decrypt', { ...shared(context), CiphertextBlob: Buffer.from(wrapped).toString('base64') }))
      if (!answer.success) throw new VaultFailure(`${SERVICE} answered something that is no key.`)
      return Buffer.from(answer.data.Plaintext, 'base64')
    },
  }
}

/** Calls signed by Signature Version 4, in the protocol AWS JSON 1.1. */
function createCall({ region, endpoint, accessKeyId, secretAccessKey, sessionToken }: Config, opening: VaultOpening): KmsCall {
  if (accessKeyId === null || secretAccessKey === null) throw new VaultFailure('vault.kind is "aws-kms", and vault.accessKeyId or vault.secretAccessKey is not set. Set each to file:/path or env:NAME.')
  const url = new URL(endpoint ?? `https://kms.${region}.amazonaws.com/`)
  return async (action, body) => {
    const text = JSON.stringify(body)
    const headers = await signAws({ service: 'kms', region, url, method: 'POST', body: text, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` } }, { accessKeyId, secretAccessKey, sessionToken })
    const { status, body: answer } = await callService(SERVICE, opening, { url, method: 'POST', body: text, headers })
    if (status === 200) return answer
    const type = Refused.safeParse(answer).data?.__type.split('#').at(-1) ?? `status ${status}`
    if (/AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken/.test(type)) throw new VaultFailure(`${SERVICE} refuses these credentials (${type}). They need kms:Encrypt, kms:Decrypt and kms:DescribeKey on the key, and the clock of this machine must be right.`)
    throw new VaultFailure(`${SERVICE} refuses to ${action} (${type}). Nothing was changed.`)
  }
}
