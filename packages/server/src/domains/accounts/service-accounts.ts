import { randomBytes } from 'node:crypto'
import type { Role } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import type { Sealer } from '../../kernel/seal.ts'
import type { KeyRing } from '../secrets/index.ts'
import { emailPlace, sealName } from './context.ts'
import type { AccountStore } from './store.ts'

const LOOKUP_BYTES = 32

export interface ServiceAccountDeps { readonly store: Pick<AccountStore, 'insert'>; readonly keyRing: KeyRing; readonly clock: Clock }

/** Accounts that act by a key alone. None can sign in: there is no password, and no address leads to it, because its look-up is random (RFC 2606 keeps `.invalid` free). */
export const createServiceAccounts = ({ store, keyRing, clock }: ServiceAccountDeps) => ({
  /** A new one, its sealer, and the steps that make it: to be written with its key, in one batch. */
  async prepare({ name, role }: { readonly name: string; readonly role: Role }): Promise<{ readonly id: string; readonly sealer: Sealer; readonly steps: readonly WriteStep[] }> {
    const at = clock.now()
    const id = newId('account', at)
    const { sealer, step } = await keyRing.create(id)
    const row = {
      id, role, kind: 'service' as const, password_sealed: null, created_at: at, email_lookup: randomBytes(LOOKUP_BYTES),
      email_sealed: sealer.seal(emailPlace(id), `${id}@service.invalid`), name_sealed: sealName(sealer, id, name),
    }
    return { id, sealer, steps: [step, store.insert(row)] }
  },
})
export type ServiceAccounts = ReturnType<typeof createServiceAccounts>
