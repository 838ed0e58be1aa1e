import type { Selectable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { idAfter } from '../../kernel/ids.ts'
import type { Counted, SecretSubject } from './meter.ts'
import type { SecretUseTable } from './tables.ts'

export type SecretUseRow = Selectable<SecretUseTable>
type Interval = Pick<SecretUseRow, 'kind' | 'name' | 'from_at'>

/** Uses of secrets by interval. */
export const createSecretUseStore = ({ read }: Database) => {
  const at = ({ kind, name, from_at: from }: Interval) => read.updateTable('secret_use').where('kind', '=', kind).where('name', '=', name).where('from_at', '=', from)
  return {
    add: ({ kind, name, purpose, reads, tokens }: Counted, from: number, now: number): readonly WriteStep[] => [
      { query: read.insertInto('secret_use').values({ kind, name, from_at: from, reads, tokens, last_at: now, told_at: null, summed_at: null })
        .onConflict((same) => same.columns(['kind', 'name', 'from_at']).doUpdateSet(({ eb, ref }) => ({ reads: eb('secret_use.reads', '+', ref('excluded.reads')), tokens: eb('secret_use.tokens', '+', ref('excluded.tokens')), last_at: ref('excluded.last_at') }))).compile() },
      { query: read.insertInto('secret_use_purpose').values({ kind, name, from_at: from, purpose, reads })
        .onConflict((same) => same.columns(['kind', 'name', 'from_at', 'purpose']).doUpdateSet(({ eb, ref }) => ({ reads: eb('secret_use_purpose.reads', '+', ref('excluded.reads')) }))).compile() },
    ],
    of: ({ kind, name }: SecretSubject, since: number) => read.selectFrom('secret_use').selectAll().where('kind', '=', kind).where('name', '=', name).where('from_at', '>=', since).orderBy('from_at').execute(),
    since: (moment: number) => read.selectFrom('secret_use').selectAll().where('from_at', '>=', moment).orderBy('kind').orderBy('name').orderBy('from_at').execute(),
    purposesSince: (moment: number) => read.selectFrom('secret_use_purpose').selectAll().where('from_at', '>=', moment).orderBy('purpose').execute(),
    purposesOf: ({ kind, name, from_at: from }: Interval) => read.selectFrom('secret_use_purpose').select(['purpose', 'reads']).where('kind', '=', kind).where('name', '=', name).where('from_at', '=', from).orderBy('purpose').execute(),
    /** Intervals that are over and not in the audit log. */
    unsummed: (before: number, limit: number) => read.selectFrom('secret_use').selectAll().where('summed_at', 'is', null).where('from_at', '<=', before).orderBy('from_at').limit(limit).execute(),
    /** Of many processes one does. */
    markSummed: (row: Interval, now: number): WriteStep => ({ query: at(row).where('summed_at', 'is', null).set({ summed_at: now }).compile(), expectRows: 1 }),
    markTold: (row: Interval, now: number): WriteStep => ({ query: at(row).where('told_at', 'is', null).set({ told_at: now }).compile(), expectRows: 1 }),
    forgetBefore: (moment: number): readonly WriteStep[] => [
      { query: read.deleteFrom('secret_use').where('from_at', '<', moment).where('summed_at', 'is not', null).compile() }, { query: read.deleteFrom('secret_use_purpose').where('from_at', '<', moment).compile() },
    ],
    /** What people call a key of a provider; null for what is none, or gone. */
    providerOf: async (credentialId: string) => await read.selectFrom('provider_credential').innerJoin('provider', 'provider.id', 'provider_credential.provider_id').select(['provider.name as provider', 'provider_credential.version']).where('provider_credential.id', '=', credentialId).executeTakeFirst() ?? null,
    /** Accounts whose turns asked a provider between two moments, those with most turns first. */
    accountsOf: (provider: string, from: number, until: number) => read.selectFrom('turn').select(({ fn }) => ['account_id', fn.countAll<number>().as('turns')])
      // Ids sort by time, so this reads the turns of the interval and no others.
      .where('id', '>', idAfter('turn', from - 1)).where('id', '<', idAfter('turn', until - 1)).where('model', 'like', `${provider.replaceAll(/[%_\\]/g, '')}/%`).groupBy('account_id').orderBy('turns', 'desc').orderBy('account_id').execute(),
  }
}
export type SecretUseStore = ReturnType<typeof createSecretUseStore>
