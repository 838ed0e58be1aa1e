import type { Invitation, Role } from '@sallyport/contract'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import { newId } from '../../kernel/ids.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { newToken } from './context.ts'
import type { InvitationRow } from './tables.ts'
import type { TokenStore } from './token-store.ts'

const DAY = 86_400_000
/** How long what has run out is still shown. */
const SHOWN_DAYS = 30

/** `mailed`: the token goes to the address alone. `life` in milliseconds. */
export interface InvitationFields { readonly role: Role; readonly email: string | null; readonly mailed: boolean; readonly createdBy: string | null; readonly uses: number; readonly life: number }
export interface InvitationRowDeps {
  readonly clock: Clock
  readonly tokens: TokenStore
  /** The server's own, for addresses of people who have no key yet. */
  readonly serverSealer: Sealer
}

/** Invitations as rows: with a digest for a token, and a sealed address. */
export function createInvitationRows({ clock, tokens, serverSealer }: InvitationRowDeps) {
  const place = (rowId: string) => ({ table: 'invitation', rowId, column: 'email_sealed' })
  const emailOf = ({ id, email_sealed }: InvitationRow) => (email_sealed === null ? null : serverSealer.open(place(id), email_sealed))
  return {
    emailOf,
    prepare({ role, email, mailed, createdBy, uses, life }: InvitationFields) {
      const at = clock.now()
      const id = newId('invitation', at)
      const token = newToken()
      const row = {
        id, digest: tokenDigest(token), role, email_sealed: email === null ? null : serverSealer.seal(place(id), email), mailed: mailed ? 1 : 0,
        created_by: createdBy, account_id: null, uses, uses_left: uses, created_at: at, expires_at: at + life, revoked_at: null,
      }
      return { at, token, row, step: tokens.putInvitation(row) }
    },
    toInvitation: (row: InvitationRow): Invitation => ({
      id: row.id, role: row.role, email: emailOf(row), createdAt: toMoment(row.created_at), expiresAt: toMoment(row.expires_at), uses: row.uses, usesLeft: row.uses_left, createdBy: row.created_by,
      state: row.revoked_at !== null ? 'revoked' : row.uses_left === 0 ? 'used' : row.expires_at <= clock.now() ? 'expired' : 'open',
    }),
    /** Removes what ran out long ago. */
    forgetStep: (now: number) => tokens.forgetInvitations(now - SHOWN_DAYS * DAY),
  }
}
export type InvitationRows = ReturnType<typeof createInvitationRows>
