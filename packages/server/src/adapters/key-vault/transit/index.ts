import { createHash } from 'node:crypto'
import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'
import { viewOf } from '../../../kernel/wipe.ts'
import { VaultFailure, type KeyVault, type KeyVaultDescriptor, type VaultOpening } from '../../../ports/key-vault.ts'
import { callService } from '../shared/remote.ts'

const PathPart = z.string().regex(/^[\w-]{1,80}(\/[\w-]{1,80})*$/)
const config = z.strictObject({ address: z.url({ protocol: /^https?$/ }), token: z.instanceof(Secret).nullable(), mount: PathPart, key: PathPart, namespace: z.string().max(200).nullable() })
type Config = z.output<typeof config>

const Encrypted = z.object({ data: z.object({ ciphertext: z.string().regex(/^vault:v\d+:[A-Za-z0-9+/=]+$/) }) })
const Decrypted = z.object({ data: z.object({ plaintext: z.base64() }) })
const SERVICE = 'Vault'

/**
 * A Vault-style transit service (HashiCorp Vault, OpenBao): the key never leaves it. The key must be of an authenticated kind, such as aes256-gcm96, so that the
 * context can be bound as associated data. Rotating the key there needs nothing here: the wrapped key names its version.
 */
export const transitVault = {
  id: 'transit',
  title: 'Vault-style transit service',
  config,
  async open(settings, opening) {
    const token = settings.token
    if (token === null) throw new VaultFailure('vault.kind is "transit", and vault.token is not set. Set it to file:/path or env:NAME.')
    const vault = createTransit(settings, token, opening)
    // Said at the start, not at the first question: an address, token or key that is wrong.
    const probe = Buffer.from('sallyport')
    if (!Buffer.from(await vault.unwrap(await vault.wrap(probe, 'probe'), 'probe')).equals(probe)) throw new VaultFailure(`${SERVICE} does not give back what it wrapped.`)
    return vault
  },
} as const satisfies KeyVaultDescriptor<Config>

function createTransit({ address, mount, key, namespace }: Config, token: Secret, opening: VaultOpening): KeyVault {
  const call = async (verb: 'encrypt' | 'decrypt', body: Readonly<Record<string, string>>): Promise<unknown> => {
    const answer = await callService(SERVICE, opening, {
      url: new URL(`v1/${mount}/${verb}/${key}`, address.endsWith('/') ? address : `${address}/`), method: 'POST', body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'x-vault-token': token.reveal(), 'x-vault-request': 'true', ...(namespace !== null && { 'x-vault-namespace': namespace }) },
    })
    if (answer.status === 200) return answer.body
    if (answer.status === 403) throw new VaultFailure(`${SERVICE} refuses the token. Give it a policy with update on ${mount}/encrypt/${key} and ${mount}/decrypt/${key}, or renew it.`)
    if (answer.status === 404) throw new VaultFailure(`${SERVICE} has no transit key ${mount}/${key}. Make it there: vault write -f ${mount}/keys/${key} type=aes256-gcm96`)
    throw new VaultFailure(`${SERVICE} does not ${verb} with ${mount}/${key}: it answered ${answer.status}.`)
  }
  const bound = (context: string) => ({ associated_data: Buffer.from(context).toString('base64') })
  return {
    keyId: `transit:${createHash('sha256').update(`${namespace ?? ''} ${mount}/${key}`).digest('hex').slice(0, 16)}`,
    async wrap(plain, context) {
      const answer = Encrypted.safeParse(await call('encrypt', { plaintext: viewOf(plain).toString('base64'), ...bound(context) }))
      if (!answer.success) throw new VaultFailure(`${SERVICE} answered something that is no wrapped key.`)
      return Buffer.from(answer.data.data.ciphertext)
    },
    async unwrap(wrapped, context) {
      const answer = Decrypted.safeParse(await call('decrypt', { ciphertext: Buffer.from(wrapped).toString('utf8'), ...bound(context) }))
      if (!answer.success) throw new VaultFailure(`${SERVICE} answered something that is no key.`)
      return Buffer.from(answer.data.data.plaintext, 'base64')
    },
  }
}
