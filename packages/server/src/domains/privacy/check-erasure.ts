import type { ErasureCertificate, ErasureCheck } from '@sallyport/contract'
import type { Clock } from '../../kernel/clock.ts'
import type { KeyCopyState } from '../backups/index.ts'
import type { Certifier, Signed } from './certificate.ts'
import type { FormerReach } from './former-stores.ts'
import { personalTables } from './personal-tables.ts'
import type { PrivacyStore } from './store.ts'

/** What is said of a signature. */
const signatures: Readonly<Record<Signed, (certificate: ErasureCertificate) => string>> = {
  ours: () => 'This server signed it, and nothing was changed.',
  changed: () => 'It was changed, or another server signed it.',
  'unknown-key': ({ signingKeyVersion }) => `It says that version ${signingKeyVersion} of this server's key has signed it, and this server has no such version.`,
}
/** How many ids are compared at a time. */
const NAMES = 1_000

interface CheckDeps {
  readonly store: PrivacyStore
  readonly certifier: Certifier
  readonly pseudonymOf: (accountId: string) => Buffer
  readonly storeId: string
  readonly formerStores: Pick<FormerReach, 'look'>
  readonly clock: Pick<Clock, 'now'>
  readonly lookAtKeys: () => Promise<KeyCopyState>
}

/** Gives what checks a certificate against this server's key, its database and the keys beside its backups as they are now. */
export function createErasureCheck({ store, certifier, pseudonymOf, storeId, formerStores, clock, lookAtKeys }: CheckDeps) {
  /** Whether any id that the database still has is the erased account's. */
  const isNamed = async (pseudonym: string): Promise<boolean> => {
    const matches = (names: readonly string[]) => names.some((name) => pseudonymOf(name).toString('hex') === pseudonym)
    for (const entry of personalTables.filter(({ onErasure }) => onErasure === 'cleared')) {
      for (let after = ''; ;) {
        const names = await store.namesIn(entry, after, NAMES)
        if (matches(names)) return true
        if (names.length < NAMES) break
        after = names.at(-1) ?? ''
      }
    }
    return false
  }
  const hasKey = async (pseudonym: string): Promise<boolean> => {
    for (let after = ''; ;) {
      const owners = await store.keyOwners(after, NAMES)
      if (owners.some((owner) => pseudonymOf(owner).toString('hex') === pseudonym)) return true
      if (owners.length < NAMES) return false
      after = owners.at(-1) ?? ''
    }
  }
  return async (certificate: ErasureCertificate): Promise<ErasureCheck> => {
    const [signed, named, keyed, folder] = [certifier.judge(certificate), await isNamed(certificate.account), await hasKey(certificate.account), await lookAtKeys()]
    const former = await formerStores.look((owner) => pseudonymOf(owner).toString('hex') === certificate.account)
    const open = tellOpen(folder, { erasedAt: Date.parse(certificate.erasedAt), now: clock.now() })
    const checks: ErasureCheck['checks'] = [
      { what: 'signature', ok: signed === 'ours', detail: signatures[signed](certificate) },
      { what: 'store', ok: certificate.storeId === storeId, detail: certificate.storeId === storeId ? 'It is about this store.' : 'It is about another store.' },
      { what: 'database', ok: !named, detail: named ? 'The database still has rows of this account.' : 'The database has no row of this account.' },
      { what: 'keys', ok: !keyed, detail: keyed ? 'A data key of this account is still there.' : 'No data key of this account is there.' },
      { what: 'backups', ok: open === null, detail: open ?? (folder.madeAt === null ? 'There are no backups.' : 'The wrapped keys in the backup folder were copied after the erasure, and no others lie there: with them no backup opens what was sealed of the account. Backups that a version before the schema 0031-sealed-names made show its name, the hash of its password and the names of its keys to whoever has an identity: remove those.') },
      { what: 'former-stores', ok: former.found.length + former.closed.length === 0, detail: tellFormer(former) },
    ]
    return { ok: checks.every(({ ok }) => ok), checks }
  }
}

function tellFormer({ found, closed }: Awaited<ReturnType<FormerReach['look']>>): string {
  if (found.length > 0) return `A store that a restore laid aside still has a data key of this account: ${found.join(', ')}. The server takes it out within ten minutes; or remove that store.`
  if (closed.length > 0) return `A store that a restore laid aside does not open with this server's key, or is damaged, so what it holds is not known: ${closed.join(', ')}. Remove it.`
  return 'No store that a restore laid aside has a data key of this account.'
}

/** Why backups may still open what was erased, or why that is not known; null where they do not. */
function tellOpen({ madeAt, isWhole, strays, dumps }: KeyCopyState, { erasedAt, now }: { readonly erasedAt: number; readonly now: number }): string | null {
  if (strays.length > 0) return `The backup folder holds wrapped keys that keys.json does not name: ${strays.join(', ')}. Whether they open what was erased is not known. Remove them, or run: npm run sallyport -- backup create`
  if (madeAt === null) return dumps === 0 ? null : `The backup folder holds ${dumps} backups and no keys.json, so with which keys they open is not known. Run: npm run sallyport -- backup create`
  if (!isWhole) return 'The file of wrapped keys that keys.json names is not the one that was stored, so what it opens is not known. Run: npm run sallyport -- backup create'
  if (madeAt > now) return 'The wrapped keys beside the backups are of a time to come, so whether they were copied after the erasure is not known. Set the clock, then run: npm run sallyport -- backup create'
  return madeAt >= erasedAt ? null : 'The wrapped keys beside the backups are older than the erasure. Run: npm run sallyport -- backup create'
}
