import * as z from 'zod'
import type { Database, WriteStep } from '../../database/database.ts'
import { noTries, type GuardState } from './guard.ts'

const Moments = z.array(z.number()).max(64)
const parseMoments = (text: string) => Moments.parse(JSON.parse(text))

export interface KeptGuard extends GuardState { readonly version: number }

/** Tries of passwords, and browsers in which somebody has signed in, by the keyed hash of the e-mail address that was given. */
export const createGuardStore = (database: Database) => ({
  async of(lookup: Uint8Array): Promise<KeptGuard> {
    const row = await database.read.selectFrom('password_guard').selectAll().where('email_lookup', '=', lookup).executeTakeFirst()
    return row === undefined ? { ...noTries, version: 0 } : { moments: parseMoments(row.moments), failures: row.failures, lastAt: row.last_at, version: row.version }
  },
  async ofAll(lookups: readonly Uint8Array[]): Promise<ReadonlyMap<string, GuardState>> {
    const rows = lookups.length === 0 ? [] : await database.read.selectFrom('password_guard').selectAll().where('email_lookup', 'in', [...lookups]).execute()
    return new Map(rows.map((row) => [Buffer.from(row.email_lookup).toString('hex'), { moments: parseMoments(row.moments), failures: row.failures, lastAt: row.last_at }]))
  },
  /** Keeps a state in place of the version that it was made from; of two at once the second conflicts. */
  put: (lookup: Uint8Array, { moments, failures, lastAt }: GuardState, version: number): WriteStep => {
    const values = { moments: JSON.stringify(moments), failures, last_at: lastAt, version: version + 1 }
    return version === 0
      ? { query: database.read.insertInto('password_guard').values({ email_lookup: lookup, ...values }).compile(), expectRows: 1 }
      : { query: database.read.updateTable('password_guard').set(values).where('email_lookup', '=', lookup).where('version', '=', version).compile(), expectRows: 1 }
  },
  clear: (lookup: Uint8Array): WriteStep => ({ query: database.read.deleteFrom('password_guard').where('email_lookup', '=', lookup).compile() }),
  forgetOlder: (than: number): WriteStep => ({ query: database.read.deleteFrom('password_guard').where('last_at', '<', than).compile() }),
  async isKnownDevice(lookup: Uint8Array, digest: Uint8Array, since: number): Promise<boolean> {
    const row = await database.read.selectFrom('known_device').select('seen_at').where('email_lookup', '=', lookup).where('device_digest', '=', digest).executeTakeFirst()
    return row !== undefined && row.seen_at > since
  },
  addKnownDevice: (lookup: Uint8Array, digest: Uint8Array, at: number): WriteStep => ({
    query: database.read.insertInto('known_device').values({ email_lookup: lookup, device_digest: digest, seen_at: at })
      .onConflict((conflict) => conflict.columns(['email_lookup', 'device_digest']).doUpdateSet({ seen_at: at })).compile(),
  }),
  forgetDevices: (lookup: Uint8Array): WriteStep => ({ query: database.read.deleteFrom('known_device').where('email_lookup', '=', lookup).compile() }),
  forgetAllDevices: (): WriteStep => ({ query: database.read.deleteFrom('known_device').compile() }),
  forgetOlderDevices: (than: number): WriteStep => ({ query: database.read.deleteFrom('known_device').where('seen_at', '<', than).compile() }),
})
export type GuardStore = ReturnType<typeof createGuardStore>
