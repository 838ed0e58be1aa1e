/** Attempts to make a backup, when they ended. `problem` is empty where there was none. */
export interface BackupRunTable { id: string; started_at: number; ended_at: number; outcome: 'made' | 'failed'; name: string; bytes: number; rows: number; problem: string }
/** For whom backups are made, beside those that the configuration names. */
export interface BackupRecipientTable { recipient: string; created_at: number }
