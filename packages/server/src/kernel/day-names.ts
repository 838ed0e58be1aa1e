import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { keyedHash } from './seal.ts'

// People have a name of each day in logs: a keyed hash of their id under that day's key. Two names of one day can be told apart; those of two
// days belong together for nobody but whoever has both keys (PRI-5).

const DAY_MILLISECONDS = 86_400_000
/** 64 bits: a million names of one day hardly ever meet. */
const NAME_CHARACTERS = 16
const ID = /\b([a-z]{3})_[0-9a-f]{32}\b/g
const EMAIL = /[\p{L}\p{N}.!#$%&'*+=?^_`{|}~-]{1,64}@[\p{L}\p{N}.-]{1,253}\.\p{L}{2,63}/gu

/** The days since 1970, in UTC. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MILLISECONDS)
/** The key of the day after. There is no way back from it to the key of the day. */
export const nextDayKey = (key: KeyObject): KeyObject => createSecretKey(createHmac('sha256', key).update('the day after').digest())

/** What an id is called on a day. */
export const dayName = (key: KeyObject, day: number, id: string): string =>
  `${id.slice(0, 3)}-${new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10).replaceAll('-', '')}-${keyedHash(key, `name ${id}`).toString('hex').slice(0, NAME_CHARACTERS)}`

/** The day of a name; null for what is no day. */
export function dayOfName(name: string): number | null {
  const [, year, month, day] = /^[a-z]{3}-(\d{4})(\d\d)(\d\d)-/.exec(name) ?? []
  const at = Date.parse(`${year}-${month}-${day}T00:00:00.000Z`)
  return Number.isNaN(at) ? null : dayOf(at)
}

/** A text with names in the place of ids of some kinds. */
export const replaceIds = (text: string, prefixes: ReadonlySet<string>, nameOf: (id: string) => string): string =>
  (text.includes('_') ? text.replace(ID, (id, prefix: string) => (prefixes.has(prefix) ? nameOf(id) : id)) : text)

/** A text without e-mail addresses: a mail server's refusal, for one, repeats them. */
export const withoutEmails = (text: string): string => (text.includes('@') ? text.replace(EMAIL, '[address]') : text)

/** A value with every text in it replaced, however deep. */
export function mapTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((each: unknown) => mapTexts(each, replace))
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapTexts(each, replace)])) : value
}
