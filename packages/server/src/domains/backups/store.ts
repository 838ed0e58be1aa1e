import type { Database, StatementStep, WriteStep } from '../../database/database.ts'
import type { BackupManifest } from './manifest.ts'
import type { BackupCheckTable, BackupRunTable } from './tables.ts'

/** Attempts, recipients, and what is known of kept backups. */
export const createBackupStore = (database: Database) => ({
  /** The last attempt that began by a moment: what a clock that was ahead dated later hides none. */
  last: (by: number, outcome?: BackupRunTable['outcome']) => {
    const runs = database.read.selectFrom('backup_run').selectAll().where('started_at', '<=', by).orderBy('id', 'desc').limit(1)
    return (outcome === undefined ? runs : runs.where('outcome', '=', outcome)).executeTakeFirst()
  },
  insertRun: (row: BackupRunTable): WriteStep => ({ query: database.read.insertInto('backup_run').values(row).compile() }),
  checks: () => database.read.selectFrom('backup_check').selectAll().orderBy('made_at').execute(),
  rowOf: ({ name, madeAt, dump }: BackupManifest): BackupCheckTable => ({ name, made_at: Date.parse(madeAt), bytes: dump.bytes, rows: dump.rows, checked_at: null, problem: '' }),
  /** Another process, or a look in between, may have been first. */
  insertCheck: (row: BackupCheckTable): WriteStep => ({ query: database.read.insertInto('backup_check').values(row).onConflict((conflict) => conflict.column('name').doNothing()).compile() }),
  /** Fails the batch where it was removed, or looked at by somebody else. */
  recordCheck: (name: string, { at, problem, formerAt }: { readonly at: number; readonly problem: string | null; readonly formerAt: number | null }): WriteStep =>
    ({ query: database.read.updateTable('backup_check').set({ checked_at: at, problem: problem ?? '' }).where('name', '=', name).where('checked_at', formerAt === null ? 'is' : '=', formerAt).compile(), expectRows: 1 }),
  /** What somebody who asked found; nothing where it is not known. */
  noteCheck: (name: string, at: number, problem: string | null): WriteStep => ({ query: database.read.updateTable('backup_check').set({ checked_at: at, problem: problem ?? '' }).where('name', '=', name).compile() }),
  /** Fails the batch where somebody was faster. */
  dropCheck: (name: string): WriteStep => ({ query: database.read.deleteFrom('backup_check').where('name', '=', name).compile(), expectRows: 1 }),
  dropChecks: (names: readonly string[]): WriteStep => ({ query: database.read.deleteFrom('backup_check').where('name', 'in', [...names]).compile() }),
  recipients: () => database.read.selectFrom('backup_recipient').selectAll().orderBy('recipient').execute(),
  clearRecipients: (): WriteStep => ({ query: database.read.deleteFrom('backup_recipient').compile() }),
  insertRecipient: (recipient: string, at: number): WriteStep => ({ query: database.read.insertInto('backup_recipient').values({ recipient, created_at: at }).compile() }),
})
/**
 * What a restore removes again: the rows of those whose data key is gone. Their text could not be opened, and that is the point: whoever was
 * erased after the backup stays erased (PRI-4). In an order in which each statement may rely on the one before.
 */
export const eraseOwnerless = ({ read }: Pick<Database, 'read'>): readonly StatementStep[] => {
  const keyOwners = read.selectFrom('data_key').select('owner_id')
  const accounts = read.selectFrom('account').select('id')
  return [
    { query: read.deleteFrom('account').where('id', 'not in', keyOwners).compile() },
    { query: read.deleteFrom('turn').where('account_id', 'not in', accounts).compile() },
    { query: read.deleteFrom('collection').where('kind', '=', 'mine').where('owner', 'not in', accounts).compile() },
    { query: read.deleteFrom('collection').where('kind', '<>', 'mine').where('id', 'not in', keyOwners).compile() },
    { query: read.deleteFrom('collection_word').where('collection_id', 'not in', read.selectFrom('collection').select('id')).compile() },
  ]
}

/** How many accounts a store has. */
export const countAccounts = async ({ read }: Database): Promise<number> => {
  const { count } = await read.selectFrom('account').select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  return count
}

/** Sealed values to try a restored store with: every account's address up to `most`, and the newest messages. */
export const sealedSamples = async ({ read }: Database, most: number) => {
  const accounts = await read.selectFrom('account').select(['id', 'email_sealed']).orderBy('id').limit(most).execute()
  const messages = await read.selectFrom('message').select(['id', 'account_id', 'text_sealed']).orderBy('id', 'desc').limit(most).execute()
  return [
    ...accounts.map(({ id, email_sealed }) => ({ owner: id, place: { table: 'account', rowId: id, column: 'email_sealed' }, sealed: email_sealed })),
    ...messages.map(({ id, account_id, text_sealed }) => ({ owner: account_id, place: { table: 'message', rowId: id, column: 'text_sealed' }, sealed: text_sealed })),
  ]
}
export type BackupStore = ReturnType<typeof createBackupStore>
