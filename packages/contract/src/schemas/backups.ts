import * as z from 'zod'
import { Moment } from './common.ts'

export const BackupName = z.string().regex(/^\d{8}t\d{6}z-[0-9a-f]{8}$/, 'Give a name as `backup list` shows it.')
/** A public recipient in the form of the age format. Its identity, the secret half, never reaches the server. */
export const BackupRecipient = z.string().regex(/^age1[a-z0-9]{20,3000}$/, 'Give a recipient that begins with age1.')
export const Backup = z.strictObject({
  name: BackupName, madeAt: Moment, bytes: z.int(), rows: z.int(), recipients: z.array(z.string()),
  verifiedAt: Moment.describe('When it was restored into a scratch place, and was whole'),
  checkedAt: Moment.nullable().describe('When its stored files were last compared with what was stored; null before the first time'),
  problem: z.string().nullable().describe('Why it does not count as a backup; null when it does, as far as that can be told without opening it'),
})
export type Backup = z.output<typeof Backup>
export const BackupProgress = z.strictObject({
  startedAt: Moment, stage: z.enum(['reading', 'storing', 'checking', 'tidying']), done: z.int(), total: z.int().describe('Rows; 0 while it is not known'),
})
export const BackupState = z.strictObject({
  items: z.array(Backup).describe('Newest first'),
  recipients: z.array(z.string()),
  running: BackupProgress.nullable(),
  last: z.strictObject({ startedAt: Moment, endedAt: Moment, outcome: z.enum(['made', 'failed']), name: z.string(), problem: z.string() }).nullable(),
  notice: z.string().nullable().describe('What an administrator should know: that no backup has succeeded, or that the last is old'),
})
export type BackupState = z.output<typeof BackupState>
export const BackupRecipients = z.strictObject({ recipients: z.array(BackupRecipient).min(1).max(20) })
export const BackupCheck = z.strictObject({ ok: z.boolean(), problem: z.string().nullable() })
