import { rm } from 'node:fs/promises'
import { openBackupStore } from '../../compose/backups.ts'
import type { Config } from '../../config/load.ts'
import { openSqliteSnapshot } from '../../database/sqlite/snapshot.ts'
import { BackupRefused, createConversationRows, MANIFEST_MARK, writeOneConversation } from '../../domains/backups/index.ts'
import { createKeyRing, SERVER_KEYS } from '../../domains/secrets/index.ts'
import { systemClock, toMoment } from '../../kernel/clock.ts'
import type { BackupChoice } from './open.ts'
import { withScratchStore } from './scratch-store.ts'

export interface ExtractedConversation { readonly name: string; readonly madeAt: string; readonly conversationId: string; readonly accountId: string; readonly messages: number; readonly folder: string }

/**
 * Takes one conversation out of a backup, into a folder of its own: a backup that holds it alone, 0600, which is restored as any other. It is
 * opened again before it counts as made. The live store is not touched. Throws `BackupRefused` and `VaultFailure`.
 */
export async function extractConversation(config: Config, { to, conversationId, ...choice }: BackupChoice & { readonly conversationId: string; /** A folder that is not there yet, or is empty. */ readonly to: string }): Promise<ExtractedConversation> {
  const { store } = openBackupStore(config, to)
  if ((await store.list()).length > 0) throw new BackupRefused(`${to} holds files already. Name a folder that is empty, or not there yet.`)
  const extracted = await withScratchStore(config, { choice, storeId: null }, async ({ database, file, scratch, set, vault }) => {
    const found = await createConversationRows(database).get(conversationId)
    if (found === null || found.conversation.ephemeral === 1) throw new BackupRefused(`The backup ${choice.name} holds no conversation ${conversationId} that could be taken out.`)
    const { account_id: accountId } = found.conversation
    const macKeys = (await createKeyRing(database, vault, systemClock).sealerOf(SERVER_KEYS)).versionsFor(MANIFEST_MARK)
    const snapshot = await openSqliteSnapshot(file)
    try {
      const name = await writeOneConversation({ snapshot, from: set, conversation: { id: conversationId, accountId }, serverOwner: SERVER_KEYS, macKeys, store, staging: scratch, verifiedAt: toMoment(systemClock.now()) })
      return { name, madeAt: set.manifest.madeAt, conversationId, accountId, messages: found.messages.length, folder: to }
    } finally {
      await snapshot.close()
    }
  })
  try {
    await withScratchStore(config, { choice: { name: extracted.name, folder: to, identities: choice.identities }, storeId: null }, async ({ database }) => {
      if ((await createConversationRows(database).get(conversationId))?.messages.length !== extracted.messages) throw new BackupRefused('What was written does not hold the conversation. Try again.')
    })
    return extracted
  } catch (error) {
    await rm(to, { recursive: true, force: true })
    throw error
  }
}
