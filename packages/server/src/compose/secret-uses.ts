import type { Models } from '../domains/models/index.ts'
import type { SecretUses, UseMeter } from '../domains/secret-uses/index.ts'
import type { BrokenValues, KeyRing } from '../domains/secrets/index.ts'
import { describeError, type Log } from '../kernel/log.ts'
import { sealedSecrets, secretUse, type SecretKind } from '../policy/secret-uses.ts'
import type { KeyVault } from '../ports/key-vault.ts'

const kinds: ReadonlyMap<string, SecretKind> = new Map(Object.entries(sealedSecrets))

/** Counts what a key ring opens that is a secret: for using it, for sealing it anew, for an administrator's change. */
export function countOpenings(keyRing: Pick<KeyRing, 'whenOpened'>, meter: Pick<UseMeter, 'note'>): void {
  keyRing.whenOpened(({ table, rowId, column }) => {
    const kind = kinds.get(`${table}.${column}`)
    if (kind !== undefined) meter.note({ kind, name: kind === 'second-factor' ? 'all' : table === 'provider' ? `provider ${rowId}` : rowId }, 'opened')
  })
}

/** The vault, every use of which to open a data key is counted. */
export const watchVault = (vault: KeyVault, meter: Pick<UseMeter, 'note'>): KeyVault => ({
  keyId: vault.keyId,
  wrap: (key, context) => vault.wrap(key, context),
  unwrap: (wrapped, context) => {
    meter.note({ kind: 'data-key', name: 'all' }, 'unwrap')
    return vault.unwrap(wrapped, context)
  },
})

/** Writes down, judges and sums, also when the server is too busy for other jobs: that is when a jump may be. Gives what ends it. */
export function scheduleSecretUses(uses: Pick<SecretUses, 'tidy'>, onError: (error: unknown) => void): () => void {
  let running: Promise<void> | null = null
  const again = setInterval(() => { running ??= uses.tidy().catch(onError).finally(() => { running = null }) }, secretUse.writeSeconds * 1_000).unref()
  return () => { clearInterval(again) }
}

interface Counting { readonly models: Pick<Models, 'credentials'>; readonly secretUses: Pick<SecretUses, 'flush'>; readonly brokenValues: Pick<BrokenValues, 'tell'> }

/** What was counted, and met broken, since it was last written down, before the store is closed. Never throws. */
export async function writeLastUses({ models, secretUses, brokenValues }: Counting, log: Log): Promise<void> {
  await models.credentials.tidy().catch((error: unknown) => { log.error(describeError(error), 'provider-use-not-counted') })
  await secretUses.flush().catch((error: unknown) => { log.error(describeError(error), 'secret-use-not-counted') })
  await brokenValues.tell().catch((error: unknown) => { log.error(describeError(error), 'broken-values-not-told') })
}
