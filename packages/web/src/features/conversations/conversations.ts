import type { Conversation } from '@sallyport/contract'
import { createStore } from '../../app/store.ts'
import { call } from '../../wire/call.ts'
import { problemOf, type PageProblem } from '../../wire/problem.ts'

export interface ConversationsState {
  readonly items: readonly Conversation[]
  /** Where the next older page begins; null when all are here. */
  readonly next: string | null
  readonly loaded: boolean
  readonly problem: PageProblem | null
  /** When the list last changed, in milliseconds: what “today” means in it. */
  readonly at: number
}

export const conversationsStore = createStore<ConversationsState>({ items: [], next: null, loaded: false, problem: null, at: 0 })
const pageLength = 50

const merge = (items: readonly Conversation[], changed: readonly Conversation[]): readonly Conversation[] => {
  const byId = new Map([...items, ...changed].map((item) => [item.id, item]))
  return [...byId.values()].toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt) || b.id.localeCompare(a.id))
}
const put = (conversation: Conversation): void =>
  conversationsStore.set((state) => ({ ...state, items: merge(state.items, [conversation]), at: Date.now() }))

/** Loads the newest conversations, or the page after the ones that are here. */
export async function loadConversations(older = false): Promise<void> {
  const { next } = conversationsStore.get()
  try {
    const page = await call('listConversations', { query: { limit: pageLength, ...(older && next !== null && { before: next }) } })
    conversationsStore.set((state) => ({ items: merge(older ? state.items : [], page.items), next: page.next, loaded: true, problem: null, at: Date.now() }))
  } catch (error) {
    conversationsStore.set((state) => ({ ...state, loaded: true, problem: problemOf(error) }))
  }
}

/** Loads every page that is left, so that a search sees all titles. */
export async function loadAllConversations(): Promise<void> {
  for (let pages = 0; conversationsStore.get().next !== null && conversationsStore.get().problem === null && pages < 40; pages += 1) await loadConversations(true)
}

export async function createConversation(model: string | undefined): Promise<Conversation> {
  const conversation = await call('createConversation', { body: { ...(model !== undefined && { model }) } })
  put(conversation)
  return conversation
}

export const refreshConversation = async (conversationId: string): Promise<void> => put(await call('getConversation', { params: { conversationId } }))

export const renameConversation = async (conversationId: string, title: string): Promise<void> =>
  put(await call('changeConversation', { params: { conversationId }, body: { title } }))

export const chooseModel = async (conversationId: string, model: string): Promise<void> =>
  put(await call('changeConversation', { params: { conversationId }, body: { model } }))

export async function deleteConversation(conversationId: string): Promise<void> {
  await call('deleteConversation', { params: { conversationId } })
  conversationsStore.set((state) => ({ ...state, items: state.items.filter(({ id }) => id !== conversationId) }))
}

const fold = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The conversations whose titles hold every word of the query, whatever their case and accents. */
export function searchTitles(items: readonly Conversation[], query: string): readonly Conversation[] {
  const words = fold(query).split(/\s+/).filter((word) => word !== '')
  return items.filter(({ title }) => words.every((word) => fold(title).includes(word)))
}

export interface ConversationGroup { readonly title: string; readonly items: readonly Conversation[] }
const dayMilliseconds = 86_400_000

/** Newest first, under the words people use for the past. `now` is a time in milliseconds; days begin at local midnight. */
export function groupByAge(items: readonly Conversation[], now: number): readonly ConversationGroup[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const titleOf = ({ updatedAt }: Conversation): string => {
    const at = Date.parse(updatedAt)
    if (at >= midnight) return 'Today'
    if (at >= midnight - dayMilliseconds) return 'Yesterday'
    if (at >= midnight - 7 * dayMilliseconds) return 'Last seven days'
    return 'Earlier'
  }
  const groups = new Map<string, Conversation[]>()
  for (const item of items) groups.set(titleOf(item), [...(groups.get(titleOf(item)) ?? []), item])
  return [...groups].map(([title, members]) => ({ title, items: members }))
}
