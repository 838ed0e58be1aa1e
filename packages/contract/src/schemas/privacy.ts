import * as z from 'zod'
import { Email, idOf, Moment } from './common.ts'

const Count = z.int().min(0)
const Counts = z.record(z.string().max(60), Count)
const ErasureBody = z.strictObject({
  format: z.literal(1),
  id: idOf('erasure'),
  storeId: z.string().max(100),
  account: z.string().regex(/^[0-9a-f]{64}$/).describe('A pseudonym: a keyed hash of the account\'s id, which only this server can make'),
  erasedAt: Moment,
  requestedBy: z.enum(['person', 'administrator']),
  keyVersions: z.array(Count).max(10_000).describe('Versions of the account\'s data key that were destroyed; 0 is the root of what was derived'),
  cleared: Counts.describe('Rows that were removed, by table'),
  kept: Counts.describe('Rows that still name the account by its id, by table, until their own retention ends them'),
  backups: z.strictObject({
    closedAt: Moment.nullable().describe('When the wrapped keys beside the backups were replaced by a copy without this account\'s; null while they still hold it'),
    keptThen: z.array(z.strictObject({ name: z.string().max(60), madeAt: Moment })).max(2_000).describe('Backups that hold sealed rows of the account, and no key that opens them once they are closed'),
  }),
  formerStores: z.strictObject({
    clearedAt: Moment.nullable().describe('When the account and its key were gone from every store that a restore had laid aside; null while one of them was not reached'),
    keptThen: z.array(z.strictObject({ name: z.string().max(60), laidAsideAt: Moment })).max(2_000).describe('Stores that restores had laid aside'),
  }).optional().describe('Absent in certificates of earlier versions, which did not look there'),
  signingKeyVersion: z.int().min(1).max(1_000_000).optional().describe('Which version of the server\'s key signed it; the first in certificates that do not say'),
  outOfReach: z.string().max(3_000),
})
export const ErasureCertificate = ErasureBody.extend({ publicKey: z.base64url().max(64), signature: z.base64url().max(128) })
export type ErasureCertificate = z.output<typeof ErasureCertificate>
export type ErasureFacts = z.output<typeof ErasureBody>
export const DataExport = z.strictObject({
  id: idOf('dataExport'), state: z.enum(['running', 'ready', 'failed']), begunAt: Moment, endedAt: Moment.nullable(), expiresAt: Moment.describe('When it is removed'),
  done: Count, total: Count.describe('Rows'), bytes: Count,
})
export const DataExportState = z.strictObject({ last: DataExport.nullable() })
export type DataExportState = z.output<typeof DataExportState>
export type DataExport = z.output<typeof DataExport>
export const OwnErasureRequest = z.strictObject({ email: Email.describe('One\'s own address, so that nobody erases an account by mistake') })
export const ErasureCheck = z.strictObject({ ok: z.boolean(), checks: z.array(z.strictObject({ what: z.enum(['signature', 'store', 'database', 'keys', 'backups', 'former-stores']), ok: z.boolean(), detail: z.string() })) })
export type ErasureCheck = z.output<typeof ErasureCheck>
