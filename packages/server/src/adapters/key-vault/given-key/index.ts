import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'
import { VaultFailure, type KeyVaultDescriptor } from '../../../ports/key-vault.ts'
import { createLocalVault, KEY_BYTES, parseKeyText } from '../shared/local-key.ts'

const config = z.strictObject({ key: z.instanceof(Secret).nullable() })
const BASE64 = /^[A-Za-z0-9+/]{43}=$/

/** A key that the surroundings give: a mounted secret file, or the environment. It is never made here. */
export const givenKeyVault = {
  id: 'given-key',
  title: 'Key from a mounted secret or the environment',
  config,
  open({ key }) {
    if (key === null) return Promise.reject(new VaultFailure('vault.kind is "given-key", and vault.key is not set. Set it to file:/run/secrets/NAME or env:NAME; make a key with: openssl rand -hex 32'))
    const text = key.reveal().trim()
    const raw = parseKeyText(text) ?? (BASE64.test(text) ? Buffer.from(text, 'base64') : null)
    if (raw?.byteLength !== KEY_BYTES) return Promise.reject(new VaultFailure('What vault.key names holds neither 64 hexadecimal digits nor 32 bytes in base64. Make a key with: openssl rand -hex 32'))
    return Promise.resolve(createLocalVault(raw))
  },
} as const satisfies KeyVaultDescriptor<z.output<typeof config>>
