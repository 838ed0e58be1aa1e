import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { setImmediate as others } from 'node:timers/promises'
import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { dayName, dayOf, dayOfName, mapTexts, nextDayKey, replaceIds, withoutEmails } from '../../kernel/day-names.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { keyedHash, type Sealer } from '../../kernel/seal.ts'
import { namedPrefixes } from '../../policy/day-names.ts'
import { createAccountIds, createNameStore, type DayKey } from './name-store.ts'
import { auditStep } from './record.ts'

const KEY_BYTES = 32
const ACCOUNTS = 2_000

export interface DayNamesDeps { readonly database: Database; readonly clock: Clock; /** How many days back a name in the log can be resolved. */ readonly days: number }
/** How names are put in the place of ids, as what reads the audit log needs it. */
export type Names = Pick<DayNames, 'hide'>

/**
 * The names of the day that logs and the audit log show in the place of people's ids (PRI-5). One key is kept, that of the oldest day whose names can
 * be resolved; each day's key follows from the one before, and there is no way back. The audit log keeps the ids themselves: it must say who did
 * something for as long as it is kept, so entries of older days are shown under names from a key of the server's that no log was ever written with.
 */
export function createDayNames({ database, clock, days }: DayNamesDeps) {
  const accountIds = createAccountIds(database)
  // Until the store's own is read: names that nobody can resolve, rather than ids.
  let oldest: { readonly day: number; readonly key: KeyObject } = { day: dayOf(clock.now()), key: createSecretKey(randomBytes(KEY_BYTES)) }
  let known = new Map([[oldest.day, oldest.key]])
  let sealer: Sealer | null = null

  const keyOf = (day: number): KeyObject | null => {
    if (day < oldest.day) return sealer === null ? null : createSecretKey(keyedHash(sealer.derive('names of days past'), `day ${day}`))
    let from = day
    while (!known.has(from)) from -= 1
    let key = known.get(from) ?? oldest.key
    for (let each = from + 1; each <= day; each += 1) known.set(each, key = nextDayKey(key))
    return key
  }
  const take = ({ day, key }: DayKey): void => {
    oldest = { day, key: createSecretKey(key) }
    known = new Map([[day, oldest.key]])
  }
  const hideText = (text: string, at: number): string => replaceIds(text, namedPrefixes, (id) => {
    const key = keyOf(dayOf(at))
    return key === null ? `${id.slice(0, 3)}-unnamed` : dayName(key, dayOf(at), id)
  })
  const hide = (value: unknown, at: number): unknown => mapTexts(value, (text) => hideText(text, at))

  /** Reads the key that the store keeps, makes the first one, and destroys those of days that are over. */
  const refresh = async (): Promise<void> => {
    if (sealer === null) return
    const store = createNameStore(database, sealer)
    // Where another process over the store was faster, its key is the one.
    const write = (step: ReturnType<typeof store.insert>) => writeUnlessConflict(database, [step])
    const today = dayOf(clock.now())
    const kept = await store.get()
    if (kept === null) await write(store.insert({ day: today, key: randomBytes(KEY_BYTES) }))
    else take(kept)
    if (kept !== null && kept.day < today - days) await write(store.replace(kept, { day: today - days, key: keyOf(today - days)?.export() ?? randomBytes(KEY_BYTES) }))
    else if (kept !== null) return
    const now = await store.get()
    if (now !== null) take(now)
  }
  /** Whose name it was. */
  const find = async (name: string): Promise<string | null> => {
    const day = dayOfName(name)
    const key = day === null || day > dayOf(clock.now()) ? null : keyOf(day)
    if (day === null || key === null) return null
    for (let page = await accountIds('', ACCOUNTS); page.length > 0; page = await accountIds(page.at(-1) ?? '', ACCOUNTS)) {
      const found = page.find((id) => dayName(key, day, id) === name)
      if (found !== undefined) return found
      await others()
    }
    return null
  }
  return {
    /** A value with names in the place of ids: those of the day of `at`. */
    hide,
    /** What goes into the log of operation: names of today, and no e-mail addresses. */
    forLog: (value: unknown): unknown => mapTexts(value, (text) => withoutEmails(hideText(text, clock.now()))),
    /** Begins to use the key that the store keeps. */
    async load(serverSealer: Sealer): Promise<void> {
      sealer = serverSealer
      await refresh()
    },
    refresh,
    /** Whose name it was, with an entry in the audit log of who asked, which does not join the two days. Throws `not-found` for nobody's, for one of an erased account, and for one in the log of operation of too long ago. */
    async resolve(caller: Caller, name: string): Promise<{ accountId: string }> {
      const accountId = await find(name)
      await database.write([auditStep(caller, { at: clock.now(), action: 'day-name-resolved', outcome: accountId === null ? 'refused' : 'allowed', detail: accountId === null ? {} : { account: accountId } })])
      if (accountId === null) throw new ProblemError('not-found', { detail: `Nobody of this server is known to have had this name. Names in the log can be resolved for ${days} days, those of erased accounts never again.` })
      return { accountId }
    },
  }
}
export type DayNames = ReturnType<typeof createDayNames>
