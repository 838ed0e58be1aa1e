import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore, type TestStore } from '../testing/server-database.ts'
import { chain, emptyChain } from './audit-chain.ts'
import { WriteConflict, type WriteStep } from './database.ts'
import { migrate } from './migrate.ts'

const event = ({ database }: TestStore, id: string): WriteStep => ({ query: database.read.insertInto('security_event').values({ id, at: 1, type: 'test', severity: 'info', account_id: null, detail: '{}' }).compile() })
const dropped = ({ database }: TestStore, id: string, expectRows: number): WriteStep => ({ query: database.read.deleteFrom('security_event').where('id', '=', id).compile(), expectRows })
const audit = (action: string): WriteStep => ({ audit: { at: 1, action, actor: 'nobody', credential: 'none:', outcome: 'allowed', detail: '{}' } })
const ids = async ({ database }: TestStore) => (await database.read.selectFrom('security_event').select('id').orderBy('id').execute()).map(({ id }) => id)
const entries = ({ database }: TestStore) => database.read.selectFrom('audit_entry').selectAll().orderBy('sequence').execute()

describeEachEngine('a batch', (dialect) => {
  test('is written whole, in its order, and is there when the promise resolves', async () => {
    await using store = await openTestStore(dialect)
    await store.database.write([event(store, 'a'), event(store, 'b'), dropped(store, 'a', 1)])
    expect(await ids(store)).toEqual(['b'])
  })

  test('that misses an expectation is undone, and no other', async () => {
    await using store = await openTestStore(dialect)
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => store.database.write([
      event(store, `batch ${String(index).padStart(2, '0')}`), audit(`action ${index}`), ...(index % 3 === 0 ? [dropped(store, 'nothing', 1)] : []),
    ])))
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')))
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(WriteConflict)
    expect(await ids(store)).toEqual(Array.from({ length: 30 }, (_, index) => index).filter((index) => index % 3 !== 0).map((index) => `batch ${String(index).padStart(2, '0')}`))
    expect(await entries(store)).toHaveLength(20)
  })

  test('that expects no row and finds one is undone too', async () => {
    await using store = await openTestStore(dialect)
    await store.database.write([event(store, 'a')])
    await expect(store.database.write([dropped(store, 'a', 0)])).rejects.toBeInstanceOf(WriteConflict)
    expect(await ids(store)).toEqual(['a'])
  })

  test('that meets a unique value is a conflict, and nothing of it stays', async () => {
    await using store = await openTestStore(dialect)
    await store.database.write([event(store, 'a')])
    await expect(store.database.write([event(store, 'b'), event(store, 'a')])).rejects.toBeInstanceOf(WriteConflict)
    expect(await ids(store)).toEqual(['a'])
  })

  test('that waits in a circle with another for rows is written all the same, and once', async () => {
    await using store = await openTestStore(dialect)
    const { read } = store.database
    await store.database.write([event(store, 'a'), event(store, 'b')])
    const add = (id: string): WriteStep => ({ query: read.updateTable('security_event').set(({ eb }) => ({ at: eb('at', '+', 1) })).where('id', '=', id).compile(), expectRows: 1 })
    const pause: WriteStep = dialect === 'postgres' ? { query: sql`select pg_sleep(0.05)`.compile(read) } : add('a')
    for (let round = 0; round < 3; round += 1) await Promise.all([store.database.write([add('a'), pause, add('b')]), store.database.write([add('b'), pause, add('a')])])
    const pauses = dialect === 'postgres' ? 0 : 6
    expect((await read.selectFrom('security_event').select('at').orderBy('id').execute()).map(({ at }) => at)).toEqual([7 + pauses, 7])
  })

  test('that refers to a row that is not there is a conflict', async () => {
    await using store = await openTestStore(dialect)
    const orphan = store.database.read.insertInto('session').values({ id: 'ses_1', account_id: 'acc_nobody', token_digest: Buffer.alloc(32), created_at: 1, expires_at: 2 }).compile()
    await expect(store.database.write([event(store, 'a'), { query: orphan }])).rejects.toBeInstanceOf(WriteConflict)
    expect(await ids(store)).toEqual([])
  })

  test('that is no statement at all fails alone, and says that it was not written', async () => {
    await using store = await openTestStore(dialect)
    const nonsense = sql`update nothing_at_all set a = 1`.compile(store.database.read)
    const [bad, good] = await Promise.allSettled([store.database.write([event(store, 'a'), { query: nonsense }]), store.database.write([event(store, 'b')])])
    expect(bad.status).toBe('rejected')
    expect(good.status).toBe('fulfilled')
    expect(await ids(store)).toEqual(['b'])
  })

  test('an empty batch is fine', async () => {
    await using store = await openTestStore(dialect)
    await store.database.write([])
    expect(await ids(store)).toEqual([])
  })

  test('audit rows of batches that come at once make one chain without a gap', async () => {
    await using store = await openTestStore(dialect)
    await Promise.all(Array.from({ length: 40 }, (_, index) => store.database.write([audit(`a ${index}`), audit(`b ${index}`)])))
    const rows = await entries(store)
    expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1))
    let head: Parameters<typeof chain>[0] = emptyChain
    for (const { sequence, hash, previous_hash, ...record } of rows) {
      const expected = chain(head, record)
      expect({ sequence, hash, previous_hash }).toEqual({ sequence: expected.sequence, hash: expected.hash, previous_hash: expected.previous_hash })
      head = expected
    }
    // The two rows of one batch stand side by side.
    for (let index = 0; index < rows.length; index += 2) expect(rows[index + 1]?.action.slice(2)).toBe(rows[index]?.action.slice(2))
  })

  test('what was accepted before closing is written', async () => {
    await using store = await openTestStore(dialect)
    const writing = Promise.all([store.database.write([event(store, 'a')]), store.database.write([event(store, 'b')])])
    await writing
    expect(await ids(store)).toEqual(['a', 'b'])
  })

  test('times and counts beyond 32 bits come back as the numbers that they were', async () => {
    await using store = await openTestStore(dialect)
    const at = Date.UTC(2060, 1, 1)
    await store.database.write([{ query: store.database.read.insertInto('security_event').values({ id: 'late', at, type: 'test', severity: 'info', account_id: null, detail: 'Grüße 👋🏽 \u2028' }).compile() }])
    expect(await store.database.read.selectFrom('security_event').select(['at', 'detail']).executeTakeFirst()).toEqual({ at, detail: 'Grüße 👋🏽 \u2028' })
  })
})

describeEachEngine('migration', (dialect) => {
  test('a store that is up to date stays as it is', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const before = await store.database.read.introspection.getTables()
    await migrate(store.database.read, dialect)
    expect((await store.database.read.introspection.getTables()).map(({ name }) => name)).toEqual(before.map(({ name }) => name))
    expect(await store.database.read.selectFrom('account').select('id').execute()).toEqual([{ id: 'acc_1' }])
  })
})
