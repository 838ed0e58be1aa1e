import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createLocalVault } from '../adapters/key-vault/shared/local-key.ts'
import type { Database, Dialect } from '../database/database.ts'
import { inSchema, openPostgresFill } from '../database/postgres/fill.ts'
import { openPostgres } from '../database/postgres/open.ts'
import type { FillTarget } from '../database/snapshot.ts'
import { openSqliteFill } from '../database/sqlite/fill.ts'
import { openSqlite } from '../database/sqlite/open.ts'
import { createPenaltyStore } from '../domains/penalties/store.ts'
import { createKeyRing, SERVER_KEYS } from '../domains/secrets/index.ts'
import { systemClock } from '../kernel/clock.ts'
import { createPostgresDatabase } from '../testing/postgres.ts'
import { describeEachEngine } from '../testing/server-database.ts'
import { createSubjectNames } from './subject-names.ts'
import { sealFormerlyClear } from './seal-clear.ts'

/** The last schema in which they stood in clear. */
const BEFORE = '0030-backup-checks'
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'
const bytes = (text: string) => Buffer.from(text)

/** What an older version wrote: two accounts, of which one has no password, and what belongs to the first; a third whose key is gone. */
const older = (wrapped: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, readonly Readonly<Record<string, string | number | Uint8Array | null>>[]>> => ({
  account: [
    { id: 'acc_1', name: 'Ann of before', password_hash: HASH }, { id: 'acc_2', name: 'Ben of before', password_hash: '' }, { id: 'acc_3', name: 'Nobody of before', password_hash: '' },
  ].map((row) => ({ ...row, email_sealed: bytes(row.id), email_lookup: bytes(row.id), role: 'member', created_at: 1, status: 'active', kind: 'person', password_change_needed: 0 })),
  data_key: [...wrapped].map(([owner_id, value]) => ({ owner_id, version: 1, wrapped: value, created_at: 1 })),
  api_key: [
    { id: 'key_1', account_id: 'acc_1', name: 'laptop of before', start: 'slp_a', digest: bytes('1'), created_at: 1, last_used_address: '198.51.100.0/24' },
    { id: 'key_2', account_id: 'acc_1', name: 'phone of before', start: 'slp_b', digest: bytes('2'), created_at: 1, last_used_address: null },
  ],
  factor: [{ id: 'fac_1', account_id: 'acc_1', kind: 'totp', name: 'app of before', secret_sealed: bytes('x'), counter: 0, is_synced: 0, created_at: 1 }],
  conversation_access: [{ id: 'acs_1', account_id: 'acc_1', reader_id: 'acc_2', reader_name: 'Ben of before', reason_sealed: bytes('x'), opened_at: 1, ends_at: 2, reads: 0 }],
  penalty: [{ id: 'ban_1', kind: 'address', subject: '203.0.113.77', points: 5, points_at: 1, why: 'limit-reached', bans: 0 }, { id: 'ban_2', kind: 'account', subject: 'acc_1', points: 5, points_at: 1, why: 'limit-reached', bans: 0 }],
  rate_slot: [{ rule: 'link:3600', subject: '203.0.113.78', slot: 1, count: 1, ends_at: 9_000_000_000_000 }],
  account_group: [{ id: 'grp_1', name: 'crew of before', role: null, created_at: 1 }],
})

async function fill(target: FillTarget, rows: ReturnType<typeof older>): Promise<void> {
  for (const table of target.tables) {
    const [first, ...more] = rows[table.name] ?? []
    if (first === undefined) continue
    const columns = table.columns.filter(({ name }) => Object.hasOwn(first, name))
    await target.insert({ name: table.name, columns }, [first, ...more].map((row) => columns.map(({ name }) => row[name] ?? null)))
  }
  await target.finish()
}

/** A store of an older version, opened by this one. */
async function openOlder(dialect: Dialect) {
  const vault = createLocalVault(randomBytes(32))
  const wrapped = new Map(await Promise.all(['acc_1', 'acc_2', SERVER_KEYS].map(async (owner) => [owner, await vault.wrap(randomBytes(32), `data-key ${owner} 1`)] as const)))
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-older-'))
  const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
  let database: Database
  if (postgres === null) {
    const file = { path: join(directory, 'store.db'), pageKey: null }
    await fill(await openSqliteFill(file, BEFORE), older(wrapped))
    database = await openSqlite(file)
  } else {
    await fill(await openPostgresFill({ place: { url: postgres.url }, schema: 'older' }, BEFORE), older(wrapped))
    database = await openPostgres(inSchema({ url: postgres.url }, 'older'))
  }
  return {
    database, keyRing: createKeyRing(database, vault, systemClock),
    /** Every row that may hold a name, as text. */
    async rows(): Promise<string> {
      const tables = await Promise.all(['account', 'api_key', 'factor', 'conversation_access', 'account_group', 'penalty', 'rate_slot'].map(async (table) => (await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(database.read)).rows))
      return JSON.stringify(tables, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value))
    },
    async [Symbol.asyncDispose]() {
      await database.close()
      await postgres?.[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

describeEachEngine('a store of before names were sealed', (dialect) => {
  test('has every name, address and hash sealed by the first start, once, and keeps what has no key', async () => {
    await using store = await openOlder(dialect)
    const { database, keyRing } = store
    const clear = ['Ann of before', 'Ben of before', HASH, 'laptop of before', 'phone of before', '198.51.100.0', 'app of before', 'crew of before', '203.0.113.77']
    const before = await store.rows()
    for (const text of clear) expect(before).toContain(text)

    // Two names of accounts, a hash, two names of keys, two addresses, a factor, a reader, a group.
    expect(await sealFormerlyClear(database, keyRing)).toBe(10)
    const after = await store.rows()
    for (const text of clear) expect(after).not.toContain(text)
    expect(after).toContain('Nobody of before')
    // Limits begin anew.
    expect(before).not.toContain('203.0.113.78')

    const names = await createSubjectNames(database, keyRing)({ accounts: ['acc_1', 'acc_2'], groups: ['grp_1'], keys: ['key_1', 'key_2'] })
    expect(Object.fromEntries(names)).toEqual({ acc_1: 'Ann of before', acc_2: 'Ben of before', grp_1: 'crew of before', key_1: 'laptop of before', key_2: 'phone of before' })
    const { read } = database
    const mine = await keyRing.sealerOf('acc_1')
    const [factor, access, key] = [await read.selectFrom('factor').select('name_sealed').executeTakeFirstOrThrow(), await read.selectFrom('conversation_access').select('reader_name_sealed').executeTakeFirstOrThrow(), await read.selectFrom('api_key').select('last_used_address_sealed').where('id', '=', 'key_1').executeTakeFirstOrThrow()]
    expect(mine.open({ table: 'factor', rowId: 'fac_1', column: 'name_sealed' }, factor.name_sealed)).toBe('app of before')
    expect(mine.open({ table: 'conversation_access', rowId: 'acs_1', column: 'reader_name_sealed' }, access.reader_name_sealed)).toBe('Ben of before')
    expect(mine.open({ table: 'api_key', rowId: 'key_1', column: 'last_used_address_sealed' }, key.last_used_address_sealed ?? bytes(''))).toBe('198.51.100.0/24')
    const passwords = await read.selectFrom('account').select(['id', 'password_sealed']).orderBy('id').execute()
    expect(passwords.map(({ password_sealed: sealed }) => sealed === null)).toEqual([false, true, true])
    expect((await keyRing.sealerOf(SERVER_KEYS)).open({ table: 'account', rowId: 'acc_1', column: 'password_sealed' }, passwords[0]?.password_sealed ?? bytes(''))).toBe(HASH)

    expect((await createPenaltyStore(database, await keyRing.sealerOf(SERVER_KEYS)).of([{ kind: 'address', id: '203.0.113.77' }])).map(({ id, subject }) => [id, subject])).toEqual([['ban_1', '203.0.113.77']])
    expect(await sealFormerlyClear(database, keyRing)).toBe(0)
    expect(await store.rows()).toBe(after)
  })
})
