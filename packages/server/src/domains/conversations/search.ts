import type { ConversationSearch, FoundMessage } from '@sallyport/contract'
import { toMoment } from '../../kernel/clock.ts'
import { createWordHasher, fold, toSearchWords } from '../../kernel/words/index.ts'
import type { Sealer } from '../../kernel/seal.ts'
import type { MessageIndex } from '../../ports/message-index.ts'
import { wordKeyOf } from './index-messages.ts'
import type { SearchStore } from './search-store.ts'
import { snippetOf } from './snippet.ts'
import { toConversation } from './store.ts'
import { toldUnreadable } from './unreadable.ts'

/** Titles are opened to be compared, so that a part of a word is enough: so many of the newest. */
const TITLES_OPENED = 400
const MOST_TITLES = 5
/** More than are shown: some may be gone, or hold a word under another's hash. */
const CANDIDATES_PER_RESULT = 3

export interface SearchRequest { readonly text: string; readonly limit: number }
interface Opened { readonly store: SearchStore; readonly sealer: Sealer; readonly index: MessageIndex }

/** Messages that hold every word, newest first, and conversations whose title holds the text. */
export async function searchConversations({ store, sealer, index }: Opened, { text, limit }: SearchRequest): Promise<ConversationSearch> {
  // At once: on PostgreSQL each waits for an answer over a connection of its own.
  const [conversations, messages] = await Promise.all([titlesHolding(store, text), messagesHolding({ store, sealer, index }, { text, limit })])
  return { conversations, messages }
}

async function titlesHolding(store: SearchStore, text: string) {
  const wanted = fold(text.trim())
  if (wanted === '') return []
  const held = (await store.titles(TITLES_OPENED)).filter(({ title }) => fold(title).includes(wanted)).slice(0, MOST_TITLES)
  return (await store.some(held.map(({ id }) => id))).map(toConversation)
}

async function messagesHolding({ store, sealer, index }: Opened, { text, limit }: SearchRequest): Promise<readonly FoundMessage[]> {
  const words = toSearchWords(text)
  const hash = createWordHasher(wordKeyOf(sealer))
  const numbers = await index.holding(words.map(({ terms }) => terms.map(hash)), limit * CANDIDATES_PER_RESULT)
  if (numbers.length === 0) return []
  const found = await store.messagesByNumber(numbers, limit)
  return found.map((row) => ({
    messageId: row.id, conversationId: row.conversation_id, title: row.title, role: row.role, createdAt: toMoment(row.created_at),
    snippet: row.unreadable.includes('text') ? { text: row.text, marks: [] } : snippetOf(row.text, words), ...toldUnreadable(row.unreadable),
  }))
}
