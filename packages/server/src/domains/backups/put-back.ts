import { WriteConflict, type Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { SealBroken, type Sealer } from '../../kernel/seal.ts'
import type { KeyRing } from '../secrets/index.ts'
import { createConversationRows, type StoredConversation } from './conversation-store.ts'
import { BackupRefused } from './set.ts'

export interface PutBackDeps { readonly database: Database; readonly keyRing: Pick<KeyRing, 'sealerOf'>; readonly clock: Clock }
export interface PutBack { readonly conversationId: string; readonly accountId: string; readonly messages: number; readonly messageIds: readonly string[] }

/**
 * Puts one conversation of a backup back for whose it was, with its audit entry (DAT-3). Nothing that is there is changed: a conversation
 * that still is, in whatever state, is refused. Its values are opened and sealed anew with the keys that the account has now, so what was
 * erased cannot come back (PRI-4). It counts as changed now, or its retention would take it away again at once. Throws `BackupRefused`.
 */
export async function putBackConversation({ database, keyRing, clock }: PutBackDeps, { name, backup, conversationId }: { readonly name: string; readonly backup: Database; readonly conversationId: string }): Promise<PutBack> {
  const found = await createConversationRows(backup).get(conversationId)
  if (found === null) throw new BackupRefused(`The backup ${name} holds no conversation ${conversationId}. See what it holds of an account with: npm run sallyport -- backup conversations ${name} --account ID`)
  const { conversation: { account_id: accountId, ephemeral } } = found
  if (ephemeral === 1) throw new BackupRefused('That conversation was ephemeral: who began it was promised that it goes. It is not restored.')
  const rows = createConversationRows(database)
  if (!await rows.hasAccount(accountId)) throw new BackupRefused('The account of that conversation was erased after the backup, and stays erased. Nothing was changed.')
  if (await rows.has(conversationId)) throw alreadyThere(conversationId)
  const at = clock.now()
  const { conversation, messages } = sealAnew(found, { sealer: await sealerOf(keyRing, accountId), at })
  const detail = JSON.stringify({ name, conversation: conversationId, account: accountId, messages: messages.length })
  try {
    await database.write([...rows.insert(conversation, messages), { audit: { at, action: 'conversation-restored', actor: 'operator', credential: 'command-line', outcome: 'allowed', detail } }])
  } catch (error) {
    throw error instanceof WriteConflict ? alreadyThere(conversationId, error) : error
  }
  return { conversationId, accountId, messages: messages.length, messageIds: messages.map(({ id }) => id) }
}

const alreadyThere = (id: string, cause?: unknown) => new BackupRefused(`The conversation ${id}, or a message of it, is there already. Nothing is restored over it, and nothing was changed.`, { cause })

async function sealerOf(keyRing: PutBackDeps['keyRing'], accountId: string): Promise<Sealer> {
  try {
    return await keyRing.sealerOf(accountId)
  } catch (error) {
    throw error instanceof SealBroken ? new BackupRefused('The key of that conversation\'s account was erased: nothing opens it any more. Nothing was changed.', { cause: error }) : error
  }
}

function sealAnew({ conversation, messages }: StoredConversation, { sealer, at }: { readonly sealer: Sealer; readonly at: number }): StoredConversation {
  const anew = (table: string, rowId: string) => <Value extends Uint8Array | null>(column: string, sealed: Value): Value | Uint8Array => {
    if (sealed === null) return sealed
    const place = { table, rowId, column }
    return sealer.seal(place, sealer.open(place, sealed))
  }
  try {
    const title = anew('conversation', conversation.id)
    return {
      conversation: { ...conversation, updated_at: at, title_sealed: title('title_sealed', conversation.title_sealed), pseudonyms_sealed: title('pseudonyms_sealed', conversation.pseudonyms_sealed) },
      messages: messages.map((message) => {
        const value = anew('message', message.id)
        return {
          // An answer that was being written when the backup was made was never ended.
          ...message, status: message.status === 'running' ? 'interrupted' : message.status,
          text_sealed: value('text_sealed', message.text_sealed), citations_sealed: value('citations_sealed', message.citations_sealed), comment_sealed: value('comment_sealed', message.comment_sealed),
        }
      }),
    }
  } catch (error) {
    throw error instanceof SealBroken ? new BackupRefused('A text of that conversation does not open with the keys that its account has now: the key that sealed it was destroyed. Nothing was changed.', { cause: error }) : error
  }
}
