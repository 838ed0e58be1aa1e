import type { Kysely } from 'kysely'
import { toMoment } from '../kernel/clock.ts'
import type { Schema } from './schema.ts'

/** A store that a restore laid aside: a folder of the data directory, or a schema of the database. */
export interface FormerStore { readonly name: string; /** Milliseconds since the epoch. */ readonly laidAsideAt: number }

/** One that was opened as it lies there: it is not migrated. */
export interface OpenFormer { readonly read: Kysely<Schema>; close(): Promise<void> }

/** The stores that restores laid aside, on one engine. */
export interface FormerStores {
  /** Oldest first. */
  list(): Promise<readonly FormerStore[]>
  /** Null where the key that this server has now does not open it, this role may not, or it is damaged. */
  open(name: string): Promise<OpenFormer | null>
  /** Removes it with everything in it. Where this role may not, its keys are destroyed instead, so that nothing sealed in it opens; null where they are gone already. */
  remove(name: string): Promise<'removed' | 'keys-destroyed' | null>
}

const STAMP = /(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})_[0-9a-f]{4}$/

/** What the name of a former store ends with: when, and something random. */
export const formerStamp = (at: number, random: string): string => `${toMoment(at).replaceAll(/[-:.TZ]/g, '')}_${random}`

/** The former store of a name that begins with `prefix`; null for any other name. */
export function parseFormer(name: string, prefix: string): FormerStore | null {
  const [stamp, year, month, day, hour, minute, second, rest] = STAMP.exec(name) ?? []
  if (stamp === undefined || name !== `${prefix}${stamp}`) return null
  const laidAsideAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${rest}Z`)
  return Number.isNaN(laidAsideAt) ? null : { name, laidAsideAt }
}

/** Oldest first. */
export const inOrder = (found: readonly (FormerStore | null)[]): readonly FormerStore[] =>
  found.filter((each) => each !== null).toSorted((left, right) => left.laidAsideAt - right.laidAsideAt)
