import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataExport, DataExportState } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller, DownloadReply } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Secret } from '../../kernel/secret.ts'
import { dataExport } from '../../policy/retention.ts'
import { managedRoles } from '../../policy/roles.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { newIdentity, openAge } from '../backups/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { createCollectStore } from './collect-store.ts'
import { createExportStore } from './export-store.ts'
import { createExportMaker } from './make-export.ts'
import type { DataExportTable, ExportReach } from './tables.ts'

export interface ExportDeps {
  readonly database: Database
  readonly keyRing: KeyRing
  /** Makes what names the account's address part of what is held on it. */
  readonly link: (accountId: string) => Promise<void>
  readonly clock: Clock
  readonly log: Log
  /** A directory of the server's own for the files. */
  readonly directory: string
}

/**
 * Exports of what is held on somebody (PRI-4): made in the background, sealed while they lie, gone after a day. One's own holds everything;
 * that of an account below the caller leaves out what its owner alone may read (IDN-12).
 */
export function createExports({ database, keyRing, link, clock, log, directory }: ExportDeps) {
  const store = createExportStore(database)
  const state: { isClosing: boolean; readonly running: Set<Promise<void>> } = { isClosing: false, running: new Set() }
  const pathOf = (id: string) => join(directory, `${id}.age`)
  const place = (rowId: string) => ({ table: 'data_export', rowId, column: 'key_sealed' })

  const make = createExportMaker({ database, keyRing, clock, log, pathOf, isClosing: () => state.isClosing })
  const tidy = async (): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await database.write([store.removeExpired(clock.now())])
    const kept = new Set((await store.ids()).map((id) => `${id}.age`))
    for (const name of await readdir(directory)) if (!kept.has(name)) await rm(join(directory, name), { force: true })
  }
  /** How far this caller's export of an account reaches. Throws `not-found`, and `not-allowed` for somebody above the caller. */
  const reachOf = async (caller: Caller, accountId: string): Promise<ExportReach> => {
    const account = await store.roleOf(accountId)
    if (account === undefined) throw new ProblemError('not-found')
    if (caller.scope?.accountId === accountId) return 'everything'
    if (caller.role === null || !managedRoles[caller.role].has(account.role)) throw new ProblemError('not-allowed', { detail: 'Nobody exports the account of somebody above them. The person can make the export under “Your account”.' })
    return 'account'
  }
  const found = async (caller: Caller, accountId: string, id: string): Promise<DataExportTable> => {
    const row = await store.get({ accountId, reach: await reachOf(caller, accountId), id })
    if (row === undefined || row.expires_at <= clock.now()) throw new ProblemError('not-found')
    return row
  }
  return {
    /** Begins one, which goes on by itself, in place of the one before of its reach; where one is being made, that is the one. Throws `not-found` and `not-allowed`. */
    async begin(caller: Caller, accountId: string): Promise<DataExport> {
      const reach = await reachOf(caller, accountId)
      const last = await store.last(accountId, reach)
      if (last?.state === 'running' && last.expires_at > clock.now()) return toExport(last)
      await link(accountId)
      const at = clock.now()
      const id = newId('dataExport', at)
      const { identity, recipient } = await newIdentity(false)
      const sealed = (await keyRing.sealerOf(accountId)).seal(place(id), identity.reveal())
      const row: DataExportTable = { id, account_id: accountId, state: 'running', reach, key_sealed: sealed, begun_at: at, ended_at: null, expires_at: at + dataExport.lifeSeconds * 1_000, done: 0, total: await createCollectStore(database).count(accountId, reach), bytes: 0 }
      const event: readonly WriteStep[] = reach === 'everything' ? [] : [securityEventStep(database, { at, type: 'account-exported', severity: 'medium', accountId, detail: { by: caller.scope?.accountId ?? 'nobody' } })]
      await database.write([store.removeOf(accountId, reach), store.insert(row), auditStep(caller, { at, action: 'account-exported', detail: { accountId, exportId: id, reach } }), ...event])
      await tidy()
      const running = make(row, recipient).finally(() => { state.running.delete(running) })
      state.running.add(running)
      return toExport(row)
    },
    /** The newest export of an account that reaches as far as the caller's do, while it lies there. Throws `not-found` and `not-allowed`. */
    async last(caller: Caller, accountId: string): Promise<DataExportState> {
      const row = await store.last(accountId, await reachOf(caller, accountId))
      return { last: row === undefined || row.expires_at <= clock.now() ? null : toExport(row) }
    },
    /** The file of an export, opened on the way. Throws `not-found`, `not-allowed`, and `conflict` while it is being made. */
    async download(caller: Caller, accountId: string, id: string): Promise<DownloadReply> {
      const row = await found(caller, accountId, id)
      if (row.state !== 'ready') throw new ProblemError('conflict', { detail: 'The export is not ready.' })
      const identity = new Secret((await keyRing.sealerOf(accountId)).open(place(id), row.key_sealed))
      await database.write([auditStep(caller, { at: clock.now(), action: 'account-export-downloaded', detail: { accountId, exportId: id } })])
      return { kind: 'download', bytes: openAge(pathOf(id), [identity]), mediaType: 'application/zip', name: `sallyport-export-${toMoment(row.begun_at).slice(0, 10)}.zip` }
    },
    /** Removes what is older than a day, and files without a row. Exports that a former process began are given up. */
    tidy,
    giveUpOld: async (): Promise<void> => { await database.write([store.failRunning(clock.now())]) },
    settled: async (): Promise<void> => { await Promise.all(state.running) },
    async close(): Promise<void> {
      state.isClosing = true
      await Promise.all(state.running)
    },
  }
}
export type Exports = ReturnType<typeof createExports>

/** What came about while an export was made is in it too: there is never more done than there was to do. */
const toExport = ({ id, state, begun_at, ended_at, expires_at, done, total, bytes }: DataExportTable): DataExport =>
  ({ id, state, begunAt: toMoment(begun_at), endedAt: ended_at === null ? null : toMoment(ended_at), expiresAt: toMoment(expires_at), done, total: Math.max(done, total), bytes })
