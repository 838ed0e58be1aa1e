import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createAudit, createAuditStore } from './index.ts'

const entry = (number: number): WriteStep => ({ audit: { at: number, action: `action-${number}`, actor: 'acc_1', credential: 'session:ses_1', outcome: 'allowed', detail: JSON.stringify({ number, text: 'Grüße \u2028' }) } })
const open = ({ database }: TestStore) => createAudit(createAuditStore(database), { hide: (value) => value, readCut: () => null })

describeEachEngine('the audit log', (dialect) => {
  test('is listed newest first, page by page, with its details', async () => {
    await using store = await openTestStore(dialect)
    const audit = open(store)
    await store.database.write(Array.from({ length: 7 }, (_, index) => entry(index + 1)))
    const first = await audit.list({ limit: 4 })
    expect(first.items.map(({ sequence }) => sequence)).toEqual([7, 6, 5, 4])
    expect(first.items[0]).toMatchObject({ action: 'action-7', at: '1970-01-01T00:00:00.007Z', detail: { number: 7, text: 'Grüße \u2028' } })
    const second = await audit.list({ limit: 4, before: first.next ?? 0 })
    expect(second).toMatchObject({ items: [{ sequence: 3 }, { sequence: 2 }, { sequence: 1 }], next: null })
  })

  test('an empty log is whole, and so is one of more than one page', async () => {
    await using store = await openTestStore(dialect)
    const audit = open(store)
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 0, brokenAt: null })
    await store.database.write(Array.from({ length: 1_000 }, (_, index) => entry(index + 1)))
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 1_000 })
    await store.database.write([entry(1_001)])
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 1_001 })
  })

  test('a change, a gap and a swap are found where they begin', async () => {
    for (const [tamper, brokenAt] of [
      [sql`update audit_entry set detail = '{}' where sequence = 5`, 5], [sql`update audit_entry set actor = 'acc_2' where sequence = 1`, 1],
      [sql`delete from audit_entry where sequence = 3`, 3], [sql`update audit_entry set sequence = 90 where sequence = 8`, 8],
      [sql`update audit_entry set hash = previous_hash where sequence = 9`, 9],
    ] as const) {
      await using store = await openTestStore(dialect)
      await store.database.write(Array.from({ length: 9 }, (_, index) => entry(index + 1)))
      await store.asOwner((database) => database.write([{ query: tamper.compile(database.read) }]))
      expect(await open(store).verify()).toMatchObject({ ok: false, brokenAt })
    }
  })
})
