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
import { FIRST_VERSION, keyedHash, type VersionedKeys } from '../../kernel/seal.ts'
import type { KeyCopyState } from '../backups/index.ts'
import { createCertifier } from './certificate.ts'
import { createErasureCheck } from './check-erasure.ts'
import type { FormerReach } from './former-stores.ts'
import { personalTables } from './personal-tables.ts'
import { createReach } from './reach.ts'
import { createPrivacyStore } from './store.ts'
import type { ErasureTable } from './tables.ts'

const Facts = z.object({ signingKeyVersion: z.int().min(FIRST_VERSION).default(FIRST_VERSION), keyVersions: z.array(z.int()), cleared: z.record(z.string(), z.int()), kept: z.record(z.string(), z.int()), backups: z.array(z.object({ name: z.string(), madeAt: z.string() })), formerStores: z.array(z.object({ name: z.string(), laidAsideAt: z.string() })).default([]) })
const OUT_OF_REACH = 'Copies of the backup folder that were made before the backups were closed, and taken elsewhere, still hold the wrapped key: whoever has such a copy, an identity that opens it and the key-encryption key can read what was erased. So can who has a copy of the data directory, or of a store that a restore had laid aside, from before the erasure, and that key. Destroy those copies. PostgreSQL keeps a removed row in the files of its table until it has cleaned it, which it does for wrapped keys within minutes, and in its write-ahead log until that is used again. Backups from before the erasure, opened with an identity alone, still show what is not sealed: the role of the account, the ids of its groups, what its keys were limited to, and times; and with the key-encryption key the hash of its password, which is sealed for the server. Those that a version before the schema 0031-sealed-names made show more: its name, the hash of its password, the names of its keys and where they were last used. They go with those backups.'
type Counts = Readonly<Record<string, number>>

export interface ErasureDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly storeId: string
  /** For the seeds of the signature, and for pseudonyms. */
  readonly keys: { readonly signing: VersionedKeys; readonly pseudonym: KeyObject }
  readonly emailOf: (accountId: string) => Promise<string>
  /** Erases an account's rows and keys, with these steps in the same batch. */
  readonly remove: (caller: Caller, accountId: string, options: { readonly own: boolean; readonly further: readonly WriteStep[] }) => Promise<void>
  /** Makes what names the account's address part of what is held on it. */
  readonly link: (accountId: string) => Promise<void>
  /** What lies beside the store of an account goes as well. */
  readonly removeFiles: () => Promise<void>
  /** The stores that restores laid aside. */
  readonly formerStores: FormerReach
  readonly backups: {
    kept(): Promise<readonly { readonly name: string; readonly madeAt: string }[]>
    renewKeys(): Promise<number | null>
    look(): Promise<KeyCopyState>
  }
}

/** Erasure with a certificate (PRI-4). */
export function createErasure({ database, clock, log, storeId, keys, emailOf, remove, link, removeFiles, formerStores, backups }: ErasureDeps) {
  const store = createPrivacyStore(database)
  const certifier = createCertifier(keys.signing)
  const pseudonymOf = (accountId: string) => keyedHash(keys.pseudonym, accountId)
  const { forgetRemoved, closeBackups, clearFormerStores } = createReach({ database, store, clock, pseudonymOf, backups, formerStores })

  const countAll = async (accountId: string, onErasure: 'cleared' | 'kept'): Promise<Counts> => {
    const counts: Record<string, number> = onErasure === 'cleared' ? await store.countDocuments(accountId) : {}
    for (const entry of personalTables.filter((each) => each.onErasure === onErasure)) counts[entry.table] = (counts[entry.table] ?? 0) + await store.count(entry, accountId)
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  }
  const certificateOf = (row: ErasureTable): ErasureCertificate => {
    const { signingKeyVersion, keyVersions, cleared, kept, backups: keptThen, formerStores: laidAside } = Facts.parse(JSON.parse(row.facts))
    const facts: Omit<ErasureFacts, 'signingKeyVersion'> = {
      format: 1, id: row.id, storeId, account: Buffer.from(row.account_lookup).toString('hex'), erasedAt: toMoment(row.erased_at), requestedBy: row.requested_by, keyVersions, cleared, kept,
      backups: { closedAt: row.backups_closed_at === null ? null : toMoment(row.backups_closed_at), keptThen: [...keptThen] },
      formerStores: { clearedAt: row.former_stores_cleared_at === null ? null : toMoment(row.former_stores_cleared_at), keptThen: laidAside }, outOfReach: OUT_OF_REACH,
    }
    return certifier.certify(facts, signingKeyVersion)
  }
  const erase = async (caller: Caller, accountId: string, own: boolean): Promise<ErasureCertificate> => {
    await link(accountId)
    const [keyVersions, cleared, kept, keptThen] = [await store.keyVersions(accountId), await countAll(accountId, 'cleared'), await countAll(accountId, 'kept'), await backups.kept()]
    const laidAside = (await formerStores.list()).map(({ name, laidAsideAt }) => ({ name, laidAsideAt: toMoment(laidAsideAt) }))
    const at = clock.now()
    const id = newId('erasure', at)
    const facts = JSON.stringify({ signingKeyVersion: certifier.version(), keyVersions, cleared, kept, backups: [...keptThen], formerStores: laidAside } satisfies z.input<typeof Facts>)
    await remove(caller, accountId, { own, further: [
      store.removeTurns(accountId),
      store.insertErasure({ id, account_lookup: pseudonymOf(accountId), erased_at: at, requested_by: own ? 'person' : 'administrator', facts, backups_closed_at: null, former_stores_cleared_at: null }),
    ] })
    await forgetRemoved({ again: false }).catch((error: unknown) => { log.error(describeError(error), 'erased-keys-left-in-files') })
    await removeFiles().catch((error: unknown) => { log.error(describeError(error), 'erased-files-left') })
    await clearFormerStores().catch((error: unknown) => { log.error(describeError(error), 'former-stores-not-cleared') })
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
    /** What an erasure could not reach at once: the engine's files, and the copy of keys beside the backups. */
    async closeBackups(): Promise<void> {
      await forgetRemoved({ again: true })
      await closeBackups()
    },
    clearFormerStores,
    async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const rows = await store.page(before, limit)
      return { items: rows.map(certificateOf), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
    verify: createErasureCheck({ store, certifier, pseudonymOf, storeId, formerStores, clock, lookAtKeys: backups.look }),
  }
}
export type Erasure = ReturnType<typeof createErasure>
