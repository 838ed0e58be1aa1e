import type { Database, WriteStep } from '../../database/database.ts'
import type { Revoked } from '../../kernel/revocations.ts'

/** Rows that tell other processes what was revoked. */
export const createRevocationStore = (database: Database) => ({
  insert: (revoked: Revoked, at: number): WriteStep => ({ query: database.read.insertInto('revocation').values({ at, ...toRow(revoked) }).compile() }),
  after: (number: number) => database.read.selectFrom('revocation').select(['number', 'kind', 'subject', 'except_session_id']).where('number', '>', number).orderBy('number').execute(),
  newest: async () => (await database.read.selectFrom('revocation').select('number').orderBy('number', 'desc').limit(1).executeTakeFirst())?.number ?? 0,
  removeBefore: (at: number): WriteStep => ({ query: database.read.deleteFrom('revocation').where('at', '<', at).compile() }),
})
export type RevocationStore = ReturnType<typeof createRevocationStore>

function toRow(revoked: Revoked): { kind: string; subject: string; except_session_id: string | null } {
  switch (revoked.kind) {
    case 'account': return { kind: revoked.kind, subject: revoked.accountId, except_session_id: revoked.exceptSessionId }
    case 'session': case 'session-token': return { kind: revoked.kind, subject: revoked.sessionId, except_session_id: null }
    case 'key': case 'key-settings': return { kind: revoked.kind, subject: revoked.keyId, except_session_id: null }
    case 'signing-key': return { kind: revoked.kind, subject: revoked.signingKeyId, except_session_id: null }
    case 'data-keys': return { kind: revoked.kind, subject: revoked.ownerId, except_session_id: null }
    case 'penalty': return { kind: revoked.kind, subject: revoked.penaltyId, except_session_id: null }
    case 'providers': case 'everything': return { kind: revoked.kind, subject: '', except_session_id: null }
  }
}

/** What a row tells. What a newer program may have written and this one does not know ends everything that is remembered. */
export function toRevoked({ kind, subject, except_session_id }: { readonly kind: string; readonly subject: string; readonly except_session_id: string | null }): Revoked {
  switch (kind) {
    case 'account': return { kind, accountId: subject, exceptSessionId: except_session_id }
    case 'session': case 'session-token': return { kind, sessionId: subject }
    case 'key': case 'key-settings': return { kind, keyId: subject }
    case 'signing-key': return { kind, signingKeyId: subject }
    case 'data-keys': return { kind, ownerId: subject }
    case 'providers': return { kind }
    case 'penalty': return { kind, penaltyId: subject }
    default: return { kind: 'everything' }
  }
}
