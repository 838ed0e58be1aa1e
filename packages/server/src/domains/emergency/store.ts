import type { EmergencyCounts } from '@sallyport/contract'
import { sql } from 'kysely'
import * as z from 'zod'
import type { Database } from '../../database/database.ts'

const Counted = z.record(z.string(), z.coerce.number())

/** Looks, over everybody, at what an intruder could hold. */
export const createHoldingsStore = ({ read }: Database) => ({
  async count(now: number): Promise<EmergencyCounts> {
    const { rows } = await sql<Record<string, unknown>>`select
      (select count(*) from session where expires_at > ${now}) as sessions,
      (select count(*) from token_family where expires_at > ${now}) as programs,
      (select count(*) from api_key where revoked_at is null and (expires_at is null or expires_at > ${now})) as keys,
      (select count(*) from password_reset where expires_at > ${now}) + (select count(*) from email_change where expires_at > ${now}) as links,
      (select count(*) from invitation where revoked_at is null and uses_left > 0 and expires_at > ${now}) as invitations,
      (select count(*) from factor_challenge where expires_at > ${now}) as waiting,
      (select count(*) from conversation_access where closed_at is null and ends_at > ${now}) as openings,
      (select count(*) from account where kind = 'person' and password_sealed is not null) as passwords,
      (select count(*) from factor where confirmed_at is not null) as factors,
      (select count(*) from identity where account_id in (select id from account where password_sealed is not null)) as identities,
      (select count(*) from provider_credential where state <> 'revoked') as provider_keys`.execute(read)
    const { provider_keys: providerKeys, ...counts } = Counted.parse(rows[0])
    return { sessions: 0, programs: 0, keys: 0, links: 0, invitations: 0, waiting: 0, openings: 0, passwords: 0, factors: 0, identities: 0, ...counts, providerKeys: providerKeys ?? 0 }
  },
  /** For whom backups are encrypted beside those of the configuration: since when, and who set it, where the audit log still knows. */
  recipients: () => read.selectFrom('backup_recipient').select((row) => ['recipient', 'created_at as at',
    row.selectFrom('audit_entry').select('actor').where('action', '=', 'backup-recipients-changed').whereRef('audit_entry.at', '=', 'backup_recipient.created_at').orderBy('sequence', 'desc').limit(1).as('actor')]).orderBy('recipient').execute(),
})
export type HoldingsStore = ReturnType<typeof createHoldingsStore>
