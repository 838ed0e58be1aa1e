import { indexPutBack } from '../../compose/index-put-back.ts'
import { openStore, type OpenStore } from '../../compose/store.ts'
import type { Config } from '../../config/load.ts'
import { openDataDirectory } from '../../database/data-directory.ts'
import { BackupRefused, createConversationRows, putBackConversation } from '../../domains/backups/index.ts'
import { createKeyRing } from '../../domains/secrets/index.ts'
import { systemClock, toMoment } from '../../kernel/clock.ts'
import type { BackupChoice } from './open.ts'
import { withScratchStore } from './scratch-store.ts'

export interface RestoredConversation { readonly name: string; readonly madeAt: string; readonly conversationId: string; readonly accountId: string; readonly messages: number }

/**
 * Puts one conversation of a backup of this store back into the store, for whose it was. The server must not run: its lock is taken. Everything
 * is proved in a scratch place first, and written in one batch. Throws `BackupRefused`, `VaultFailure` and `DataDirectoryProblem`; then nothing
 * was changed.
 */
export async function restoreConversation(config: Config, choice: BackupChoice & { readonly conversationId: string }): Promise<RestoredConversation> {
  await requireStore(config)
  const store = await openStore(config)
  try {
    return await withScratchStore(config, { choice, storeId: store.record.storeId }, async ({ database: backup, set: { manifest: { name, madeAt } } }) => {
      const { database } = store
      const keyRing = createKeyRing(database, store.vault, systemClock)
      const { messageIds, ...restored } = await putBackConversation({ database, keyRing, clock: systemClock }, { name, backup, conversationId: choice.conversationId })
      await indexPutBack(database, { keyRing, messageIds, logLevel: config.log.level })
      return { name, madeAt, ...restored }
    })
  } finally {
    await closeOf(store)
  }
}

export interface BackedUpConversation { readonly id: string; readonly createdAt: string; readonly updatedAt: string; readonly messages: number }

/** What a backup holds of one account's conversations, newest first: no title and no text. The live store is not touched. Throws `BackupRefused` and `VaultFailure`. */
export const listBackedUpConversations = (config: Config, choice: BackupChoice & { readonly accountId: string }): Promise<readonly BackedUpConversation[]> =>
  withScratchStore(config, { choice, storeId: null }, async ({ database }) => (await createConversationRows(database).listOf(choice.accountId))
    .map(({ id, created_at: created, updated_at: updated, messages }) => ({ id, createdAt: toMoment(created), updatedAt: toMoment(updated), messages: messages ?? 0 })))

/** An empty directory would get a new key and a new store, which nothing of a backup can be put into. */
async function requireStore(config: Config): Promise<void> {
  const directory = await openDataDirectory(config.dataDirectory)
  directory.release()
  if (directory.record === null) throw new BackupRefused('There is no store here yet that a conversation could be put back into. Restore the whole backup: leave out --conversation.')
}

async function closeOf({ database, closeVault, directory }: OpenStore): Promise<void> {
  await database.close()
  await closeVault()
  directory.release()
}
