import type { Database, WriteStep } from '../../database/database.ts'
import type { Sealer } from '../../kernel/seal.ts'

const ROW = 'oldest'
const place = { table: 'day_name_key', rowId: ROW, column: 'key_sealed' }
export interface DayKey { readonly day: number; readonly key: Buffer }

/** The oldest day key that is kept: those of later days follow from it, and those of earlier ones are gone. */
export const createNameStore = ({ read }: Database, sealer: Sealer) => {
  const sealed = ({ key }: DayKey) => sealer.seal(place, key.toString('base64'))
  return {
    async get(): Promise<DayKey | null> {
      const row = await read.selectFrom('day_name_key').selectAll().where('id', '=', ROW).executeTakeFirst()
      return row === undefined ? null : { day: row.day, key: Buffer.from(sealer.open(place, row.key_sealed), 'base64') }
    },
    /** A conflict where another process was faster. */
    insert: (kept: DayKey): WriteStep => ({ query: read.insertInto('day_name_key').values({ id: ROW, day: kept.day, key_sealed: sealed(kept) }).compile() }),
    /** Puts the key of a later day in the place of the one that was kept; a conflict where another process was faster. */
    replace: (former: Pick<DayKey, 'day'>, kept: DayKey): WriteStep => ({ query: read.updateTable('day_name_key').set({ day: kept.day, key_sealed: sealed(kept) }).where('id', '=', ROW).where('day', '=', former.day).compile(), expectRows: 1 }),
  }
}

/** Ids of accounts, some at a time. */
export const createAccountIds = ({ read }: Database) => async (after: string, limit: number): Promise<readonly string[]> =>
  (await read.selectFrom('account').select('id').where('id', '>', after).orderBy('id').limit(limit).execute()).map(({ id }) => id)
