import { sql } from 'kysely'
import type { Database } from '../database/database.ts'

/** What an account has stored, measured row by row: what the engine's own count must equal. */
export async function measureStored({ read }: Pick<Database, 'read'>, accountId: string): Promise<number> {
  const { rows: [row] } = await sql<{ readonly bytes: number | string | null }>`select
    coalesce((select sum(octet_length(title_sealed) + coalesce(octet_length(pseudonyms_sealed), 0)) from conversation where account_id = ${accountId}), 0)
    + coalesce((select sum(octet_length(text_sealed) + coalesce(octet_length(citations_sealed), 0) + coalesce(octet_length(comment_sealed), 0) + octet_length(notices)) from message where account_id = ${accountId}), 0) as bytes`.execute(read)
  return Number(row?.bytes ?? 0)
}
