import { argon2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import * as z from 'zod'
import { LEAST_PASSPHRASE_CHARACTERS } from '../../../kernel/passphrase.ts'
import { Secret } from '../../../kernel/secret.ts'
import { wipe } from '../../../kernel/wipe.ts'
import { VaultFailure, type KeyVaultDescriptor } from '../../../ports/key-vault.ts'
import { createLocalVault, KEY_BYTES, keyIdOf } from '../shared/local-key.ts'

const derive = promisify(argon2)
const config = z.strictObject({ passphrase: z.instanceof(Secret).nullable() })

/** RFC 9106, section 4, second recommended option (64 MiB), with more passes: it is asked for once at a start. */
const PARAMETERS = { memory: 65_536, passes: 4, parallelism: 1, tagLength: KEY_BYTES } as const
const SALT_BYTES = 16
/** The salt stands in the recorded name of the key, since without it the passphrase opens nothing. */
const KEY_ID = /^argon2id\.([0-9a-f]{32})\.([0-9a-f]{16})$/

/** A key from a passphrase by argon2id. */
export const passphraseVault = {
  id: 'passphrase',
  title: 'Passphrase',
  config,
  async open({ passphrase }, { keyId }) {
    if (passphrase === null) throw new VaultFailure('vault.kind is "passphrase", and vault.passphrase is not set. Set it to file:/path or env:NAME.')
    const text = passphrase.reveal().trim().normalize('NFKC')
    if (keyId === null && [...text].length < LEAST_PASSPHRASE_CHARACTERS) throw new VaultFailure(`The passphrase has fewer than ${LEAST_PASSPHRASE_CHARACTERS} characters. Take six unrelated words or more: whoever has a copy of the data can try as many as they like.`)
    const salt = saltOf(keyId)
    const raw = await derive('argon2id', { message: text, nonce: salt, ...PARAMETERS })
    const found = `argon2id.${salt.toString('hex')}.${keyIdOf(raw)}`
    if (keyId !== null && found !== keyId) {
      wipe(raw)
      throw new VaultFailure('The passphrase is not the one that this store was made with. Nothing was changed.')
    }
    return createLocalVault(raw, found)
  },
} as const satisfies KeyVaultDescriptor<z.output<typeof config>>

function saltOf(keyId: string | null): Buffer {
  if (keyId === null) return randomBytes(SALT_BYTES)
  const salt = KEY_ID.exec(keyId)?.[1]
  if (salt === undefined) throw new VaultFailure('This store was not made with a passphrase.')
  return Buffer.from(salt, 'hex')
}
