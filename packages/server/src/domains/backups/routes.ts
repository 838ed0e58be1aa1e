import type { Handlers } from '../../kernel/handler.ts'
import type { Backups } from './service.ts'

export const backupRoutes = (backups: Backups) => ({
  listBackups: () => backups.list(),
  createBackup: ({ caller }) => backups.create(caller),
  setBackupRecipients: ({ caller, body }) => backups.setRecipients(caller, body.recipients),
  checkBackup: ({ caller, params }) => backups.check(caller, params.backupName),
}) satisfies Partial<Handlers>
