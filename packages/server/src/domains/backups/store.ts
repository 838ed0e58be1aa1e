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
export type BackupStore = ReturnType<typeof createBackupStore>
