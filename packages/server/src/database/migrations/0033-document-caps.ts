import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** What a document takes up as it is stored, sealed, with what the search needs of it; and how many documents a collection has, and their bytes (LIM-7). */
export const documentCaps = ({ count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('document').addColumn('bytes', count, (column) => column.notNull().defaultTo(0)).execute()
    await db.schema.alterTable('collection').addColumn('documents', count, (column) => column.notNull().defaultTo(0)).execute()
    await db.schema.alterTable('collection').addColumn('bytes', count, (column) => column.notNull().defaultTo(0)).execute()
    await sql`update document set bytes = octet_length(title_sealed)
      + coalesce((select sum(octet_length(heading_sealed) + octet_length(text_sealed) + octet_length(postings)) from passage where passage.document_id = document.id), 0)`.execute(db)
    await sql`update collection set documents = (select count(*) from document where document.collection_id = collection.id),
      bytes = coalesce((select sum(document.bytes) from document where document.collection_id = collection.id), 0)`.execute(db)
  },
})
