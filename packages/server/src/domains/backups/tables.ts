/** Attempts to make a backup, when they ended. `problem` is empty where there was none; one that was made may say what was wrong in its folder. */
export interface BackupRunTable { id: string; started_at: number; ended_at: number; outcome: 'made' | 'failed'; name: string; bytes: number; rows: number; problem: string }
/** For whom backups are made, beside those that the configuration names. */
export interface BackupRecipientTable { recipient: string; created_at: number }
/** A kept backup as it was made. `checked_at` is null until it was looked at again; `problem` is empty where nothing was wrong with it then. */
export interface BackupCheckTable { name: string; made_at: number; bytes: number; rows: number; checked_at: number | null; problem: string }
