import type { Document } from '@sallyport/contract'
import { toMoment } from '../../kernel/clock.ts'
import { openIfWhole } from '../../kernel/seal.ts'
import { titlePlace, type OpenCollection } from './index-document.ts'
import type { ShownDocument } from './tables.ts'

/** What stands where something was damaged in the store. */
export const unreadableTitle = 'A title that cannot be read'
export const unreadableText = 'This passage cannot be read: it was damaged in the store.'

/** A stored document as the wire shows it. */
export function toDocument(row: ShownDocument, { collection, sealer }: OpenCollection): Document {
  const title = openIfWhole(sealer, titlePlace(row.id), row.title_sealed)
  return { id: row.id, collection: collection.kind, title: title ?? unreadableTitle, createdAt: toMoment(row.created_at), passages: row.passages, ...(title === null && { unreadable: true }) }
}
