import type { ManagedAccount } from '@sallyport/contract'
import { toMoment } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { AccountContext } from './context.ts'
import { lockedUntil, noTries } from './guard.ts'
import type { GuardStore } from './guard-store.ts'
import type { AccountRow } from './tables.ts'

const momentOrNull = (at: number | null) => (at === null ? null : toMoment(at))

/** Accounts as those see them who manage accounts: what they are, and in which state. */
export function createManagedReader({ store, clock, toAccount }: AccountContext, guards: GuardStore) {
  const toManaged = async (rows: readonly AccountRow[]): Promise<ManagedAccount[]> => {
    const [withSecond, kept] = await Promise.all([store.withSecondFactor(rows.map(({ id }) => id)), guards.ofAll(rows.map(({ email_lookup }) => email_lookup))])
    return Promise.all(rows.map(async (row) => ({
      ...await toAccount(row), kind: row.kind, secondFactor: withSecond.has(row.id), emailVerified: row.email_verified_at !== null, hasPassword: row.password_sealed !== null,
      passwordChangeNeeded: row.password_change_needed === 1, lastSignInAt: momentOrNull(row.last_sign_in_at),
      lockedUntil: momentOrNull(lockedUntil(kept.get(Buffer.from(row.email_lookup).toString('hex')) ?? noTries, clock.now())),
    })))
  }
  const managed = async (id: string): Promise<ManagedAccount> => {
    const row = await store.byId(id)
    const [account] = row === undefined ? [] : await toManaged([row])
    if (account === undefined) throw new ProblemError('not-found')
    return account
  }
  return {
    async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const rows = await store.page(before, limit)
      return { items: await toManaged(rows), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
    managed,
  }
}
