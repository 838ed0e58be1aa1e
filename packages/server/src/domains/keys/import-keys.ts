import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import { newId } from '../../kernel/ids.ts'
import type { Secret } from '../../kernel/secret.ts'
import { accountNameOf, type ServiceAccounts } from '../accounts/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { sealKeyName } from './key-row.ts'
import { createKeyStore, createServiceKeyStore, type KeyFinder } from './store.ts'

/** The account of imported keys, as lists show it. */
const ACCOUNT_NAME = 'Imported keys'
/** Fewer than of a key made here: its characters are all that protects it. */
const SHOWN_CHARACTERS = 4

export interface ImportDeps { readonly database: Database; readonly clock: Clock; readonly keyRing: Pick<KeyRing, 'sealerOf'>; readonly finder: KeyFinder; readonly serviceAccounts: ServiceAccounts }

/**
 * Takes up keys that were made elsewhere (SEC-13), as digests, for one service account with the role of a member. A value that is known,
 * revoked ones among them, is left as it is, so that what was revoked here does not come back with the next start.
 */
export const createKeyImport = ({ database, clock, keyRing, finder, serviceAccounts }: ImportDeps) => async (values: readonly Secret[]): Promise<number> => {
  /** The account that imported keys act for; null before the first import. */
  const findAccount = async (): Promise<string | null> => {
    for (const row of await createServiceKeyStore(database).accounts()) if (await accountNameOf(keyRing, row) === ACCOUNT_NAME) return row.id
    return null
  }
  const digests = new Map(values.map((value) => [tokenDigest(value.reveal()).toString('hex'), value]))
  const fresh: { readonly digest: Buffer; readonly value: Secret }[] = []
  for (const [hex, value] of digests) {
    const digest = Buffer.from(hex, 'hex')
    if (!await finder.isKnown(digest)) fresh.push({ digest, value })
  }
  if (fresh.length === 0) return 0
  const at = clock.now()
  const known = await findAccount()
  const account = known === null ? await serviceAccounts.prepare({ name: ACCOUNT_NAME, role: 'member' }) : { id: known, sealer: await keyRing.sealerOf(known), steps: [] }
  const keys = createKeyStore(database)({ accountId: account.id, isService: true })
  const rows = fresh.map(({ digest, value }) => {
    const id = newId('key', at)
    return keys.insert({
      id, name_sealed: sealKeyName(account.sealer, id, 'From API_KEYS'), start: value.reveal().slice(0, SHOWN_CHARACTERS), digest, created_at: at, value_created_at: at, expires_at: null,
      revoked_at: null, last_used_at: null, last_used_address_sealed: null, restriction: null, made_by: null, reminded_at: null,
    })
  })
  const isWritten = await writeUnlessConflict(database, [...account.steps, ...rows, { audit: { at, action: 'keys-imported', actor: 'operator', credential: 'configuration', outcome: 'allowed', detail: JSON.stringify({ accountId: account.id, keys: fresh.length }) } }])
  // Another process of the same start may have been first; then its rows are the ones.
  return isWritten ? fresh.length : 0
}
