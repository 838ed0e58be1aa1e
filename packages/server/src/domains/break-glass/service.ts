import type { Conversation, ConversationAccess, Message, Role } from '@sallyport/contract'
import { WriteConflict, type Database } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { openName } from '../../kernel/names.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { openScope, type Scope } from '../../kernel/scope.ts'
import { managedRoles } from '../../policy/roles.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import type { AccessStore } from './store.ts'
import type { ConversationAccessRow } from './tables.ts'

interface PageRequest { readonly limit: number; readonly before?: string | undefined }
interface Page<Item> { readonly items: Item[]; readonly next: string | null }
/** Reading, and nothing else, in the scope of the account that is read. */
export interface ConversationReader {
  list(scope: Scope, page: PageRequest): Promise<Page<Conversation>>
  /** Throws `not-found`. */
  listMessages(scope: Scope, conversationId: string, page: PageRequest): Promise<Page<Message>>
}
export interface BreakGlassDeps {
  readonly database: Database
  readonly store: AccessStore
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly reader: ConversationReader
  /** Throws `not-found`. */
  readonly findAccount: (id: string) => Promise<{ readonly id: string; readonly name: string; readonly role: Role }>
}

const MINUTE = 60_000
const reasonPlace = (rowId: string) => ({ table: 'conversation_access', rowId, column: 'reason_sealed' })
const readerPlace = (rowId: string) => ({ table: 'conversation_access', rowId, column: 'reader_name_sealed' })

/**
 * The one way to another's conversations (IDN-12): opened with a reason, for an hour at most, written into the audit log and shown to the
 * account's owner. Nothing is shown whose reading was not first counted and audited.
 */
export function createBreakGlass({ database, store, keyRing, clock, reader, findAccount }: BreakGlassDeps) {
  const show = async (rows: readonly ConversationAccessRow[]): Promise<ConversationAccess[]> => {
    const read = Map.groupBy(await store.conversationsOf(rows.map(({ id }) => id)), ({ access_id }) => access_id)
    return Promise.all(rows.map(async (row) => {
      const sealer = await keyRing.sealerOf(row.account_id)
      return toAccess(row, {
        reason: sealer.open(reasonPlace(row.id), row.reason_sealed), readerName: openName(sealer, readerPlace(row.id), row.reader_name_sealed),
        conversations: (read.get(row.id) ?? []).map(({ conversation_id }) => conversation_id),
      })
    }))
  }
  const page = async (rows: readonly ConversationAccessRow[], limit: number): Promise<Page<ConversationAccess>> =>
    ({ items: await show(rows), next: rows.length === limit ? rows.at(-1)?.id ?? null : null })

  /** Counts and audits a reading, and only then gives the scope to read with. Throws `conversation-access-needed`. */
  const read = async (caller: Caller, { accountId, conversationId }: { readonly accountId: string; readonly conversationId?: string }): Promise<Scope> => {
    const at = clock.now()
    const access = await store.open(requireScope(caller).accountId, accountId, at)
    if (access === undefined) throw needed()
    const detail = { accessId: access.id, accountId }
    try {
      await database.write([
        store.count(access.id, at),
        ...(conversationId === undefined
          ? [auditStep(caller, { at, action: 'conversations-read', detail })]
          : [...store.note(access.id, { accountId, conversationId }), auditStep(caller, { at, action: 'messages-read', detail: { ...detail, conversationId } })]),
      ])
    } catch (error) {
      throw error instanceof WriteConflict ? needed() : error
    }
    return openScope(accountId)
  }

  return {
    /** Throws `not-found`, `not-allowed` for somebody above the caller, and `conflict` for oneself. */
    async open(caller: Caller, accountId: string, { reason, minutes }: { readonly reason: string; readonly minutes: number }): Promise<ConversationAccess> {
      const readerId = requireScope(caller).accountId
      if (accountId === readerId) throw new ProblemError('conflict', { detail: 'These are your own conversations. Read them as always.' })
      const [account, self] = [await findAccount(accountId), await findAccount(readerId)]
      if (caller.role === null || !managedRoles[caller.role].has(account.role)) throw new ProblemError('not-allowed', { detail: 'Nobody breaks the glass of somebody above them.' })
      const at = clock.now()
      const id = newId('conversationAccess', at)
      const sealer = await keyRing.sealerOf(accountId)
      const row = {
        id, account_id: accountId, reader_id: readerId, opened_at: at, ends_at: at + minutes * MINUTE, closed_at: null, reads: 0, last_read_at: null,
        reason_sealed: sealer.seal(reasonPlace(id), reason), reader_name_sealed: sealer.seal(readerPlace(id), self.name),
      }
      await database.write([
        store.insert(row),
        auditStep(caller, { at, action: 'conversation-access-opened', detail: { accessId: id, accountId, minutes } }),
        securityEventStep(database, { at, type: 'conversation-access-opened', severity: 'medium', accountId, detail: { accessId: id, readerId, minutes } }),
      ])
      return toAccess(row, { reason, readerName: self.name, conversations: [] })
    },
    /** Ends an access before its time: one's own, and for owners anybody's. Throws `not-found`. */
    async close(caller: Caller, id: string): Promise<void> {
      const access = await store.byId(id)
      if (access === undefined || (access.reader_id !== requireScope(caller).accountId && caller.role !== 'owner')) throw new ProblemError('not-found')
      const at = clock.now()
      try {
        await database.write([store.close(id, at), auditStep(caller, { at, action: 'conversation-access-closed', detail: { accessId: id, accountId: access.account_id } })])
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('not-found') : error
      }
    },
    /** Who looked at the caller's own conversations, or could. */
    ownedBy: async (caller: Caller, { limit, before }: PageRequest) => page(await store.ofAccount(requireScope(caller).accountId, { limit, before }), limit),
    /** What the caller opened. */
    openedBy: async (caller: Caller, { limit, before }: PageRequest) => page(await store.ofReader(requireScope(caller).accountId, { limit, before }), limit),
    listConversations: async (caller: Caller, accountId: string, request: PageRequest) =>
      reader.list(await read(caller, { accountId }), request),
    listMessages: async (caller: Caller, what: { readonly accountId: string; readonly conversationId: string }, request: PageRequest) =>
      reader.listMessages(await read(caller, what), what.conversationId, request),
  }
}
export type BreakGlass = ReturnType<typeof createBreakGlass>

const needed = () => new ProblemError('conversation-access-needed')

const toAccess = (row: ConversationAccessRow, { reason, readerName, conversations }: { readonly reason: string; readonly readerName: string; readonly conversations: string[] }): ConversationAccess => ({
  id: row.id, accountId: row.account_id, reader: { id: row.reader_id, name: readerName }, reason,
  openedAt: toMoment(row.opened_at), endsAt: toMoment(row.ends_at), closedAt: row.closed_at === null ? null : toMoment(row.closed_at),
  reads: row.reads, lastReadAt: row.last_read_at === null ? null : toMoment(row.last_read_at), conversations,
})
