import type { KeyObject } from 'node:crypto'
import type { ErasureCertificate, ErasureFacts } from '@sallyport/contract'
import * as z from 'zod'
import type { Database, WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { keyedHash } from '../../kernel/seal.ts'
import { createCertifier } from './certificate.ts'
import { createErasureCheck } from './check-erasure.ts'
import { personalTables } from './personal-tables.ts'
import { createPrivacyStore } from './store.ts'
import type { ErasureTable } from './tables.ts'

const Facts = z.object({ keyVersions: z.array(z.int()), cleared: z.record(z.string(), z.int()), kept: z.record(z.string(), z.int()), backups: z.array(z.object({ name: z.string(), madeAt: z.string() })) })
const OUT_OF_REACH = 'Copies of the backup folder that were made before the backups were closed, and taken elsewhere, still hold the wrapped key: whoever has such a copy, an identity that opens it and the key-encryption key can read what was erased. Destroy those copies.'
type Counts = Readonly<Record<string, number>>

export interface ErasureDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly storeId: string
  /** For the seed of the signature, and for pseudonyms. */
  readonly keys: { readonly signing: KeyObject; readonly pseudonym: KeyObject }
  readonly emailOf: (accountId: string) => Promise<string>
  /** Erases an account's rows and keys, with these steps in the same batch. */
  readonly remove: (caller: Caller, accountId: string, options: { readonly own: boolean; readonly further: readonly WriteStep[] }) => Promise<void>
  /** What lies beside the store of an account goes as well. */
  readonly removeFiles: () => Promise<void>
  readonly backups: {
    kept(): Promise<readonly { readonly name: string; readonly madeAt: string }[]>
    renewKeys(): Promise<number | null>
    keysMadeAt(): Promise<number | null>
  }
}

/** Erasure with a certificate (PRI-4). */
export function createErasure({ database, clock, log, storeId, keys, emailOf, remove, removeFiles, backups }: ErasureDeps) {
  const store = createPrivacyStore(database)
  const certifier = createCertifier(keys.signing)
  const pseudonymOf = (accountId: string) => keyedHash(keys.pseudonym, accountId)

  const countAll = async (accountId: string, onErasure: 'cleared' | 'kept'): Promise<Counts> => {
    const counts: Record<string, number> = onErasure === 'cleared' ? await store.countDocuments(accountId) : {}
    for (const entry of personalTables.filter((each) => each.onErasure === onErasure)) counts[entry.table] = (counts[entry.table] ?? 0) + await store.count(entry, accountId)
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  }
  const certificateOf = (row: ErasureTable): ErasureCertificate => {
    const { keyVersions, cleared, kept, backups: keptThen } = Facts.parse(JSON.parse(row.facts))
    const facts: ErasureFacts = {
      format: 1, id: row.id, storeId, account: Buffer.from(row.account_lookup).toString('hex'), erasedAt: toMoment(row.erased_at), requestedBy: row.requested_by, keyVersions, cleared, kept,
      backups: { closedAt: row.backups_closed_at === null ? null : toMoment(row.backups_closed_at), keptThen: [...keptThen] }, outOfReach: OUT_OF_REACH,
    }
    return certifier.certify(facts)
  }
  /** Takes the keys of those who were erased out of the copy beside the backups. Tried again until it has succeeded. */
  const closeBackups = async (): Promise<void> => {
    const open = await store.unclosed()
    if (open.length === 0) return
    // Where nothing was ever backed up there is nothing to close.
    const at = await backups.renewKeys() ?? clock.now()
    await database.write(open.map(({ id }) => store.closeBackups(id, at)))
  }
  const erase = async (caller: Caller, accountId: string, own: boolean): Promise<ErasureCertificate> => {
    const [keyVersions, cleared, kept, keptThen] = [await store.keyVersions(accountId), await countAll(accountId, 'cleared'), await countAll(accountId, 'kept'), await backups.kept()]
    const at = clock.now()
    const id = newId('erasure', at)
    const facts = JSON.stringify({ keyVersions, cleared, kept, backups: [...keptThen] } satisfies z.input<typeof Facts>)
    await remove(caller, accountId, { own, further: [
      store.removeTurns(accountId),
      store.insertErasure({ id, account_lookup: pseudonymOf(accountId), erased_at: at, requested_by: own ? 'person' : 'administrator', facts, backups_closed_at: null }),
    ] })
    await removeFiles().catch((error: unknown) => { log.error(describeError(error), 'erased-files-left') })
    await closeBackups().catch((error: unknown) => { log.error(describeError(error), 'backups-not-closed') })
    const row = await store.erasure(id)
    if (row === undefined) throw new ProblemError('internal')
    return certificateOf(row)
  }

  return {
    /** Erases the caller's own account, whose address is said again. Throws `invalid-request` for another address, and `conflict` for the last owner. */
    async eraseOwn(caller: Caller, email: string): Promise<ErasureCertificate> {
      const { accountId } = requireScope(caller)
      if ((await emailOf(accountId)).toLowerCase() !== email.toLowerCase()) throw new ProblemError('invalid-request', { detail: 'This is not the address of your account. Give it as your profile shows it.', members: { errors: [{ pointer: '/email', detail: 'Give the address of your own account.' }] } })
      return erase(caller, accountId, true)
    },
    /** Throws `not-found`, `not-allowed` and `conflict`. */
    eraseAccount: (caller: Caller, accountId: string) => erase(caller, accountId, false),
    closeBackups,
    async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const rows = await store.page(before, limit)
      return { items: rows.map(certificateOf), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
    verify: createErasureCheck({ store, certifier, pseudonymOf, storeId, keysMadeAt: backups.keysMadeAt }),
  }
}
export type Erasure = ReturnType<typeof createErasure>
