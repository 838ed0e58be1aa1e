import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { Recent } from '../../kernel/recent.ts'
import { keyedHash } from '../../kernel/seal.ts'
import { SLOTS, slotAt, type RateRule, type Slots } from '../../kernel/rates.ts'

/** A limit is counted anew when its window changes: slots of another length say nothing about this one. */
const nameOf = ({ name, windowSeconds }: RateRule) => `${name}:${windowSeconds}`

/** When a slot that is counted now says nothing any more, with a slot to spare. */
const endOf = ({ windowSeconds }: RateRule, now: number) => Math.ceil(now + windowSeconds * 1_000 * (1 + 2 / SLOTS))

const KEPT = 10_000

/** Slots of limits, by keyed hashes of whom they count. The statement itself decides whether a limit has room, whoever else writes. */
export function createRateSlotStore({ read, dialect }: Database, subjects: KeyObject) {
  const known = new Recent<string>(KEPT)
  /** What a key of a limit, such as an address, is called in the store. */
  const subjectOf = ({ key }: RateRule): string => {
    const kept = known.get(key)
    if (kept !== undefined) return kept
    const subject = keyedHash(subjects, key).toString('base64')
    known.set(key, subject)
    return subject
  }
  /** PostgreSQL lets two writers see the same sum: they take turns for each key. SQLite has one writer. */
  const lock = (rule: RateRule): readonly WriteStep[] =>
    dialect === 'sqlite' ? [] : [{ query: sql`select pg_advisory_xact_lock(hashtextextended(${`${nameOf(rule)} ${rule.key}`}, 7))`.compile(read) }]
  const count = (rule: RateRule, now: number): WriteStep => {
    const slot = slotAt(now, rule.windowSeconds)
    const name = nameOf(rule)
    return {
      expectRows: 1,
      query: sql`insert into rate_slot (rule, subject, slot, count, ends_at)
        select cast(${name} as text), cast(${subjectOf(rule)} as text), cast(${slot} as bigint), 1, cast(${endOf(rule, now)} as bigint)
        where (select coalesce(sum(rate_slot.count), 0) from rate_slot where rule = ${name} and subject = ${subjectOf(rule)} and slot between ${slot - SLOTS} and ${slot + SLOTS}) < ${rule.count}
        on conflict (rule, subject, slot) do update set count = rate_slot.count + 1`.compile(read),
    }
  }
  /** Compiled once: it is written with every question. */
  const note = read.insertInto('rate_slot').columns(['rule', 'subject', 'slot', 'count', 'ends_at']).values({ rule: '', subject: '', slot: 0, count: 1, ends_at: 0 })
    .onConflict((conflict) => conflict.columns(['rule', 'subject', 'slot']).doUpdateSet({ count: sql`rate_slot.count + 1` })).compile()
  return {
    /** Counts one event against every rule, in an order that no two writers can wait for each other in. */
    take: (rules: readonly RateRule[], now: number): readonly WriteStep[] =>
      rules.toSorted((one, other) => (`${one.name} ${one.key}` < `${other.name} ${other.key}` ? -1 : 1)).flatMap((rule) => [...lock(rule), count(rule, now)]),
    /** Counts one event that was let in already. */
    note: (rule: RateRule, now: number): WriteStep => ({ query: { ...note, parameters: [nameOf(rule), subjectOf(rule), slotAt(now, rule.windowSeconds), 1, endOf(rule, now)] } }),
    async living(rule: RateRule, now: number): Promise<Slots> {
      const current = slotAt(now, rule.windowSeconds)
      const rows = await read.selectFrom('rate_slot').select(['slot', 'count']).where('rule', '=', nameOf(rule)).where('subject', '=', subjectOf(rule))
        .where('slot', '>=', current - SLOTS).where('slot', '<=', current + SLOTS).orderBy('slot').execute()
      return rows.map(({ slot, count: counted }) => [slot, counted] as const)
    },
    forget: (now: number): WriteStep => ({ query: read.deleteFrom('rate_slot').where('ends_at', '<', now).compile() }),
  }
}
