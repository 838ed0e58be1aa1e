import * as z from 'zod'
import { VaultFailure, type KeyVaultDescriptor } from '../../../ports/key-vault.ts'
import { createLocalVault, newKeyText, parseKeyText } from '../shared/local-key.ts'

const config = z.strictObject({ service: z.string().min(1), name: z.string().min(1) })

/** The operating system's keyring: Secret Service, Keychain or Credential Manager. */
export const keyringVault = {
  id: 'keyring',
  title: 'Keyring of the operating system',
  config,
  async open({ service, name }, { keyId }) {
    const entry = await openEntry(service, name)
    const kept = await reach(() => entry.getPassword())
    if (kept === null && keyId !== null) {
      throw new VaultFailure(`The keyring has no entry "${name}" of "${service}". This store cannot be opened without it: unlock or restore the keyring of the user that made the store.`)
    }
    const text = kept ?? newKeyText()
    const key = parseKeyText(text)
    if (key === null) throw new VaultFailure(`The keyring's entry "${name}" of "${service}" does not hold 64 hexadecimal digits; it was not changed.`)
    if (kept === null) await reach(() => entry.setPassword(text))
    return createLocalVault(key)
  },
} as const satisfies KeyVaultDescriptor<z.output<typeof config>>

interface KeyringEntry { getPassword(): string | null; setPassword(value: string): void }

async function openEntry(service: string, name: string): Promise<KeyringEntry> {
  return reach(async () => {
    const { Entry } = await import('@napi-rs/keyring')
    return new Entry(service, name)
  })
}

async function reach<Result>(call: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    throw new VaultFailure('No keyring can be reached. Start it (on Linux: gnome-keyring-daemon or another Secret Service), or set vault.kind to "key-file".', { cause: error })
  }
}
