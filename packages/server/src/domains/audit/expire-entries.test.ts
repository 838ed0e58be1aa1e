import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { WriteStep } from '../../database/database.ts'
import { auditDays } from '../../policy/retention.ts'
import { createSealer } from '../../kernel/seal.ts'
import { describeWith } from '../../testing/needs.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { AUDIT_CUTS, createAudit, createAuditExpiry, createAuditStore, createCutMarks } from './index.ts'

const DAY = 86_400_000
/** The marks of a server with a key of its own, of its first version or the next. */
const newMarks = (first = randomBytes(32), second?: Buffer) => createCutMarks(createSealer('server', new Map([[1, first], ...(second === undefined ? [] : [[2, second] as const])])).versionsFor(AUDIT_CUTS))
const DAYS = auditDays.min
const clock = createTestClock()
const aged = (days: number, action = 'tried'): WriteStep => ({ audit: { at: clock.now() - days * DAY, action, actor: 'acc_1', credential: 'session:ses_1', outcome: 'allowed', detail: '{}' } })

/** A log with so many entries that are too old, and four that are not. */
async function begin(store: TestStore, old: number) {
  const marks = newMarks()
  const { read } = store.database
  await store.database.write([...Array.from({ length: old }, () => aged(DAYS + 40)), ...[300, 200, 2, 1].map((days) => aged(days))])
  return {
    marks,
    expire: createAuditExpiry({ database: store.database, clock, days: DAYS, marks }),
    verify: () => createAudit(createAuditStore(store.database), { hide: (value) => value, readCut: marks.readCut }).verify(),
    sequences: async () => (await read.selectFrom('audit_entry').select('sequence').orderBy('sequence').execute()).map(({ sequence }) => sequence),
    cuts: async () => (await read.selectFrom('audit_entry').select(['sequence', 'detail']).where('action', '=', 'audit-expired').orderBy('sequence').execute()).map(({ sequence, detail }) => ({ sequence, ...JSON.parse(detail) as object })),
    events: async () => (await read.selectFrom('security_event').select(['type', 'severity', 'detail']).execute()),
    tamper: (statement: ReturnType<typeof sql>) => store.asOwner((database) => database.write([{ query: statement.compile(database.read) }])),
  }
}

describeEachEngine('the life of audit entries', (dialect) => {
  test('ends for the oldest, and the log says what went; the chain of the rest is proved from there', async () => {
    await using store = await openTestStore(dialect)
    const { expire, verify, sequences, cuts } = await begin(store, 6)
    const sixth = await store.database.read.selectFrom('audit_entry').select('hash').where('sequence', '=', 6).executeTakeFirst()
    expect(await verify()).toMatchObject({ ok: true, entries: 10, cut: null })
    expect(await expire()).toBe(6)
    expect(await sequences()).toEqual([7, 8, 9, 10, 11])
    expect(await cuts()).toEqual([{ sequence: 11, through: 6, hash: sixth?.hash, entries: 6, keyVersion: 1, before: expect.stringMatching(/^20.*Z$/) as string, mark: expect.stringMatching(/^[0-9a-f]{64}$/) as string }])
    expect(await verify()).toMatchObject({ ok: true, entries: 5, brokenAt: null, cut: { through: 6 } })
    expect(await expire()).toBe(0)
    await store.database.write([aged(0)])
    expect(await verify()).toMatchObject({ ok: true, entries: 6 })
  })

  test('waits for a day\'s worth, so that cuts do not fill the log themselves', async () => {
    await using store = await openTestStore(dialect)
    const marks = newMarks()
    await store.database.write([aged(DAYS + 0.9), aged(DAYS + 0.8), aged(1)])
    const expire = createAuditExpiry({ database: store.database, clock, days: DAYS, marks })
    expect(await expire()).toBe(0)
    // A day's worth is what a life of a day less finds due.
    await using other = await openTestStore(dialect)
    await other.database.write([aged(DAYS + 1.1), aged(DAYS + 0.8), aged(1)])
    expect(await createAuditExpiry({ database: other.database, clock, days: DAYS, marks })()).toBe(2)
  })

  test('may end for every entry there is: the chain goes on behind them', async () => {
    await using store = await openTestStore(dialect)
    const marks = newMarks()
    await store.database.write(Array.from({ length: 3 }, () => aged(DAYS + 2)))
    expect(await createAuditExpiry({ database: store.database, clock, days: DAYS, marks })()).toBe(3)
    await store.database.write([aged(0)])
    const audit = createAudit(createAuditStore(store.database), { hide: (value) => value, readCut: marks.readCut })
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 2, cut: { through: 3 } })
    expect((await audit.list({ limit: 5 })).items.map(({ sequence }) => sequence)).toEqual([5, 4])
  })

  test('is ended once where processes look at once, and in several steps where there is much', async () => {
    await using store = await openTestStore(dialect)
    const { expire, verify, cuts, sequences } = await begin(store, 5_003)
    await Promise.all([expire(), expire(), expire()])
    await expire()
    expect((await sequences())[0]).toBe(5_004)
    expect((await cuts()).map((cut) => 'through' in cut && cut.through)).toEqual([5_000, 5_003])
    expect(await verify()).toMatchObject({ ok: true, cut: { through: 5_003 } })
  })

  test('an attack that cuts more off than the log says, puts back what was cut, or cuts off the entry that says it, is found', async () => {
    await using store = await openTestStore(dialect)
    const log = await begin(store, 6)
    await log.expire()
    const whole = await store.database.read.selectFrom('audit_entry').selectAll().orderBy('sequence').execute()
    for (const [tamper, brokenAt] of [
      [sql`delete from audit_entry where sequence = 7`, 7], [sql`delete from audit_entry where sequence <= 9`, 7], [sql`delete from audit_entry where sequence >= 10`, 1],
      [sql`update audit_entry set action = 'other' where sequence = 11`, 1], [sql`update audit_entry set detail = 'other' where sequence = 11`, 11], [sql`update audit_entry set detail = replace(detail, '"through":6', '"through":7') where sequence = 11`, 11],
      [sql`insert into audit_entry (sequence, at, action, actor, credential, outcome, detail, previous_hash, hash) select 6, at, action, actor, credential, outcome, detail, previous_hash, hash from audit_entry where sequence = 7`, 6],
    ] as const) {
      expect(await log.verify()).toMatchObject({ ok: true })
      await log.tamper(tamper)
      expect(await log.verify()).toMatchObject({ ok: false, brokenAt })
      await log.tamper(sql`delete from audit_entry`)
      await store.database.write(whole.map((row) => ({ query: store.database.read.insertInto('audit_entry').values(row).compile() })))
    }
  })

  test('an attack that writes a well-linked entry of a cut of its own is found, for want of the server\'s key', async () => {
    await using store = await openTestStore(dialect)
    const log = await begin(store, 6)
    await log.expire()
    const eighth = await store.database.read.selectFrom('audit_entry').select('hash').where('sequence', '=', 8).executeTakeFirstOrThrow()
    const forged = newMarks().mark({ through: 8, hash: eighth.hash, before: new Date(clock.now()).toISOString(), entries: 2 })
    await store.database.write([{ audit: { at: clock.now(), action: 'audit-expired', actor: 'server', credential: 'schedule', outcome: 'allowed', detail: JSON.stringify(forged) } }])
    await log.tamper(sql`delete from audit_entry where sequence <= 8`)
    expect(await log.verify()).toMatchObject({ ok: false, brokenAt: 12 })
    // The same entry by whoever has the key is believed: it is the mark that tells them apart.
    await log.tamper(sql`delete from audit_entry where sequence = 12`)
    await store.database.write([{ audit: { at: clock.now(), action: 'audit-expired', actor: 'server', credential: 'schedule', outcome: 'allowed', detail: JSON.stringify(log.marks.mark(forged)) } }])
    expect(await log.verify()).toMatchObject({ ok: true, cut: { through: 8 } })
  })

  test('an entry that was changed is not cut off, so that its proof stays, and administrators are told once a day', async () => {
    await using store = await openTestStore(dialect)
    const log = await begin(store, 6)
    await log.tamper(sql`update audit_entry set actor = 'acc_2' where sequence = 3`)
    for (let look = 0; look < 3; look += 1) expect(await log.expire()).toBe(0)
    expect(await log.sequences()).toHaveLength(10)
    expect(await log.events()).toEqual([{ type: 'audit-log-broken', severity: 'high', detail: '{"entry":3}' }])
    expect(await log.verify()).toMatchObject({ ok: false, brokenAt: 3 })
  })
})

test('what one version of the server\'s key has marked holds after a rotation, and under no other version\'s name', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const made = newMarks(first).mark({ through: 6, hash: 'a'.repeat(64), before: '2026-01-01T00:00:00.000Z', entries: 6 })
  const rotated = newMarks(first, second)
  expect(rotated.readCut(JSON.stringify(made))).toEqual(made)
  expect(rotated.mark(made)).toMatchObject({ keyVersion: 2 })
  for (const wrong of [{ ...made, keyVersion: 2 }, { ...made, keyVersion: 3 }, { ...made, entries: 5 }, { ...made, before: '2026-01-02T00:00:00.000Z' }]) expect(rotated.readCut(JSON.stringify(wrong))).toBeNull()
  expect(newMarks(first).readCut(JSON.stringify(rotated.mark(made)))).toBeNull()
})

describeWith('postgres', 'the role that a server runs as', () => {
  test('cuts off nothing that is younger than a year, whatever it asks for', async () => {
    await using store = await openTestStore('postgres')
    await begin(store, 2)
    const cut = async (through: number) => (await sql<{ readonly removed: number }>`select removed from audit_entry_cut(${through}) as removed`.execute(store.database.read)).rows[0]?.removed
    expect(await cut(3)).toBe(0)
    expect(await cut(4)).toBe(0)
    await expect(sql`delete from audit_entry where sequence = 1`.execute(store.database.read)).rejects.toThrow('permission denied')
    expect(await cut(2)).toBe(2)
    expect(await store.database.read.selectFrom('audit_entry').select('sequence').execute()).toHaveLength(4)
    const { rows } = await sql`select has_function_privilege('audit_entry_cut(bigint)', 'execute') as own, has_function_privilege('public', 'audit_entry_cut(bigint)', 'execute') as anybody`.execute(store.database.read)
    expect(rows).toEqual([{ own: true, anybody: false }])
  })
})
