import type { Database, WriteStep } from '../../database/database.ts'
import type { BackupRunTable } from './tables.ts'

/** Attempts and recipients. */
export const createBackupStore = (database: Database) => ({
  last: (outcome?: BackupRunTable['outcome']) => {
    const runs = database.read.selectFrom('backup_run').selectAll().orderBy('id', 'desc').limit(1)
    return (outcome === undefined ? runs : runs.where('outcome', '=', outcome)).executeTakeFirst()
  },
  insertRun: (row: BackupRunTable): WriteStep => ({ query: database.read.insertInto('backup_run').values(row).compile() }),
  recipients: () => database.read.selectFrom('backup_recipient').selectAll().orderBy('recipient').execute(),
  clearRecipients: (): WriteStep => ({ query: database.read.deleteFrom('backup_recipient').compile() }),
  insertRecipient: (recipient: string, at: number): WriteStep => ({ query: database.read.insertInto('backup_recipient').values({ recipient, created_at: at }).compile() }),
})
/**
 * What a restore removes again: the rows of those whose data key is gone. Their text could not be opened, and that is the point: whoever was
 * erased after the backup stays erased (PRI-4). In an order in which each statement may rely on the one before.
 */
export const eraseOwnerless = ({ read }: Database): readonly WriteStep[] => {
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

/** How many accounts a restore would erase again. */
export const countOwnerless = async ({ read }: Database): Promise<number> => {
  const { count } = await read.selectFrom('account').select(({ fn }) => fn.countAll<number>().as('count')).where('id', 'not in', read.selectFrom('data_key').select('owner_id')).executeTakeFirstOrThrow()
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
