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
  last: z.strictObject({ startedAt: Moment, endedAt: Moment, outcome: z.enum(['made', 'failed']), name: z.string(), problem: z.string().describe('Why it failed; of one that was made, what was wrong in the folder and was mended. Empty where there was nothing') }).nullable(),
  schedule: z.strictObject({
    everyHours: z.int(), nextAt: Moment.nullable().describe('When the next one is due; null while nobody is named who could open it'),
    isDue: z.boolean().describe('That moment has come: it begins within ten minutes, where it has not begun'),
    keptDays: z.int(), keptWeeks: z.int(), keptMonths: z.int().describe('Of so many days, weeks and months the newest stays, and all of the last 24 hours'),
  }),
  notice: z.string().nullable().describe('What an administrator should know: that no backup has succeeded, or that the last is old'),
})
export type BackupState = z.output<typeof BackupState>
export const BackupRecipients = z.strictObject({ recipients: z.array(BackupRecipient).min(1).max(20) })
/** As `backup former list` shows it: a folder of the data directory, or a schema of PostgreSQL. */
export const FormerStoreName = z.string().regex(/^(?:former-|sallyport_former_)\d{17}_[0-9a-f]{4}$/, 'Give a name as `backup former list` shows it.')
export const FormerStore = z.strictObject({
  name: FormerStoreName, laidAsideAt: Moment, endsAt: Moment.describe('When the server removes it by itself'),
  state: z.enum(['opens', 'closed', 'keys-destroyed']).describe('closed: the key that the server has does not open it, or it is damaged, so that no erasure reaches it. keys-destroyed: nothing sealed in it opens any more'),
  holds: z.strictObject({ accounts: z.int(), conversations: z.int(), documents: z.int() }).nullable().describe('Without the pages of the handbook; null where it does not open'),
})
export type FormerStore = z.output<typeof FormerStore>
export const FormerStoreList = z.strictObject({ items: z.array(FormerStore).describe('Oldest first') })
export const FormerStoreRemoval = z.strictObject({ outcome: z.enum(['removed', 'keys-destroyed']).describe('keys-destroyed: the role of the server may not drop it; whoever owns its tables drops the rest') })
export const BackupCheck = z.strictObject({ ok: z.boolean(), problem: z.string().nullable() })
