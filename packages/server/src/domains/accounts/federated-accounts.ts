import { Name, type Role } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import { newId } from '../../kernel/ids.ts'
import { emailPlace, sealName, type AccountContext } from './context.ts'
import type { AccountRow } from './tables.ts'

interface Newcomer { readonly email: string; readonly name: string | null; readonly role: Role }

const toKnown = ({ id, role, status, kind, email_verified_at, password_sealed }: AccountRow) =>
  ({ id, role, status, kind, emailVerified: email_verified_at !== null, hasPassword: password_sealed !== null })

/** Accounts as identity providers open and make them. What is made has no password: until its owner sets one, the provider alone opens it. */
export const createFederatedAccounts = ({ store, keyRing, clock, lookupOf }: Pick<AccountContext, 'store' | 'keyRing' | 'clock' | 'lookupOf'>) => ({
  async byId(id: string) {
    const row = await store.byId(id)
    return row === undefined ? null : toKnown(row)
  },
  async byEmail(email: string) {
    const row = await store.byLookup(lookupOf(email))
    return row === undefined ? null : toKnown(row)
  },
  /** A new account whose address a provider has verified, and the steps that make it: to be written with its identity, in one batch. */
  async prepare({ email, name, role }: Newcomer): Promise<{ readonly id: string; readonly steps: readonly WriteStep[] }> {
    const at = clock.now()
    const id = newId('account', at)
    const { sealer, step } = await keyRing.create(id)
    const row = {
      id, role, password_sealed: null, created_at: at, email_verified_at: at,
      email_lookup: lookupOf(email), email_sealed: sealer.seal(emailPlace(id), email),
      name_sealed: sealName(sealer, id, shownName(name) ?? shownName(email.slice(0, email.lastIndexOf('@'))) ?? 'Somebody'),
    }
    return { id, steps: [step, store.insert(row)] }
  },
})
export type FederatedAccounts = ReturnType<typeof createFederatedAccounts>

/** A provider's word for somebody's name, where it fits the rules for names here. */
const shownName = (text: string | null): string | null => Name.safeParse(text?.slice(0, 80)).data ?? null
