import * as z from 'zod'
import { idOf, Moment } from './common.ts'

export const DataKeyRotationRequest = z.strictObject({ accountId: idOf('account').optional().describe('Whose data key; everybody\'s, the collections\' and the server\'s own when left out') })
export type DataKeyRotationRequest = z.output<typeof DataKeyRotationRequest>
const Count = z.int().min(0)
export const DataKeyRotation = z.strictObject({
  last: z.strictObject({
    id: idOf('keyRotation'), begunAt: Moment, endedAt: Moment.nullable().describe('When everything was sealed anew; null while it goes on'),
    owners: Count, ownersDone: Count, valuesDone: Count.describe('Sealed values that were sealed anew'), valuesBroken: Count.describe('Sealed values that do not open, and stay as they are'),
  }).nullable(),
  waiting: Count.describe('Owners whose next version is not in use yet'), resealing: Count.describe('Owners whose values are being sealed anew'),
  settling: Count.describe('Owners whose former version is retired within the hour'),
  settledAt: Moment.nullable().describe('When the last of them has settled; a rotation that begins before leaves them out'),
  versionsInUse: Count, versionsRetired: Count.describe('Versions that no row needs; kept, wrapped, for backups that may'),
})
export type DataKeyRotation = z.output<typeof DataKeyRotation>
