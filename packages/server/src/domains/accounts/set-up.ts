import { timingSafeEqual } from 'node:crypto'
import type { Account } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { openScope } from '../../kernel/scope.ts'
import { Secret } from '../../kernel/secret.ts'
import { rolePermissions } from '../../policy/roles.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { accountFrom, emailPlace, newToken, sealName, type AccountContext } from './context.ts'

export interface OwnerRequest { readonly token: string; readonly email: string; readonly name: string; readonly password: string }

/** The way to the first account: a one-time token that the server prints (IDN-2). */
export const createSetUp = ({ database, store, keyRing, clock, strength, lookupOf, sealedPassword }: AccountContext) => ({
  /** A fresh set-up token while there is no owner; null afterwards. Earlier tokens end (IDN-2). */
  async renewSetupToken(): Promise<Secret | null> {
    if (await store.hasOwner()) return null
    const token = newToken()
    await database.write([store.dropSetupToken(), store.putSetupToken(tokenDigest(token), clock.now())])
    return new Secret(token)
  },
  /** Makes the owner with the token, once: of two at the same moment exactly one wins. Throws `set-up-closed` and `weak-password`. */
  async createOwner(caller: Caller, { token, email, name, password }: OwnerRequest): Promise<Account> {
    const digest = tokenDigest(token)
    const kept = await store.setupDigest()
    const closed = () => new ProblemError('set-up-closed', { detail: 'The set-up link was used, or is not the newest. Restart the server to get a new one, or sign in.' })
    if (kept === undefined || !timingSafeEqual(digest, kept)) {
      await database.write([securityEventStep(database, { at: clock.now(), type: 'set-up-refused', severity: 'medium', accountId: null })])
      throw closed()
    }
    await strength.require(password, { email, name })
    const at = clock.now()
    const id = newId('account', at)
    const password_sealed = await sealedPassword(id, password)
    const { sealer, step } = await keyRing.create(id)
    const row = {
      id, role: 'owner' as const, status: 'active' as const, password_sealed, created_at: at, password_changed_at: at, email_lookup: lookupOf(email),
      email_sealed: sealer.seal(emailPlace(id), email), name_sealed: sealName(sealer, id, name),
    }
    const owner: Caller = { ...caller, scope: openScope(id), role: 'owner', permissions: rolePermissions.owner }
    try {
      await database.write([store.takeSetupToken(digest), step, store.insert(row), auditStep(owner, { at, action: 'owner-created' })])
    } catch (error) {
      throw error instanceof WriteConflict ? closed() : error
    }
    return accountFrom(row, { email, name })
  },
})
