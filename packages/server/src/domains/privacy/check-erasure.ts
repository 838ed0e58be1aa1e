import type { ErasureCertificate, ErasureCheck } from '@sallyport/contract'
import type { Certifier } from './certificate.ts'
import { personalTables } from './personal-tables.ts'
import type { PrivacyStore } from './store.ts'

/** How many ids are compared at a time. */
const NAMES = 1_000

interface CheckDeps {
  readonly store: PrivacyStore
  readonly certifier: Certifier
  readonly pseudonymOf: (accountId: string) => Buffer
  readonly storeId: string
  readonly keysMadeAt: () => Promise<number | null>
}

/** Gives what checks a certificate against this server's key, its database and the keys beside its backups as they are now. */
export function createErasureCheck({ store, certifier, pseudonymOf, storeId, keysMadeAt: readKeysMadeAt }: CheckDeps) {
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
    const [isOurs, named, keyed, keysMadeAt] = [certifier.isOurs(certificate), await isNamed(certificate.account), await hasKey(certificate.account), await readKeysMadeAt()]
    const isClosed = keysMadeAt === null || keysMadeAt >= Date.parse(certificate.erasedAt)
    const checks: ErasureCheck['checks'] = [
      { what: 'signature', ok: isOurs, detail: isOurs ? 'This server signed it, and nothing was changed.' : 'It was changed, or another server signed it.' },
      { what: 'store', ok: certificate.storeId === storeId, detail: certificate.storeId === storeId ? 'It is about this store.' : 'It is about another store.' },
      { what: 'database', ok: !named, detail: named ? 'The database still has rows of this account.' : 'The database has no row of this account.' },
      { what: 'keys', ok: !keyed, detail: keyed ? 'A data key of this account is still there.' : 'No data key of this account is there.' },
      { what: 'backups', ok: isClosed, detail: keysMadeAt === null ? 'There are no backups.' : isClosed ? 'The wrapped keys beside the backups were copied after the erasure: no backup opens what was erased.' : 'The wrapped keys beside the backups are older than the erasure. Run: npm run sallyport -- backup create' },
    ]
    return { ok: checks.every(({ ok }) => ok), checks }
  }
}
