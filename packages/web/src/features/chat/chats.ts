import type { TurnEvent } from '@sallyport/contract'
import { announce } from '../../app/announcer.tsx'
import { createStore, type Store } from '../../app/store.ts'
import { call, type RequestOf } from '../../wire/call.ts'
import { askTurn, rejoinTurn } from '../../wire/follow-turn.ts'
import { problemOf, toPageProblem, type PageProblem } from '../../wire/problem.ts'
import { refreshConversation } from '../conversations/conversations.ts'
import { applyTurnEvent, finishedUntil, spokenText, toEntry, type Entry } from './transcript.ts'

export interface ChatState {
  readonly entries: readonly Entry[]
  /** Where the page of older messages begins; null when all are here. */
  readonly older: string | null
  readonly loaded: boolean
  /** Sent, and not yet past the gate. */
  readonly pending: string | null
  readonly runningTurnId: string | null
  readonly stopping: boolean
  readonly problem: PageProblem | null
}

const empty: ChatState = { entries: [], older: null, loaded: false, pending: null, runningTurnId: null, stopping: false, problem: null }
const chats = new Map<string, Store<ChatState>>()
const drafts = new Map<string, Store<string>>()

const storeIn = <Value>(stores: Map<string, Store<Value>>, key: string, initial: Value): Store<Value> => {
  const store = stores.get(key) ?? createStore(initial)
  stores.set(key, store)
  return store
}
/** The chat of one conversation. It lives on while another conversation is shown, and so does its running answer. */
export const chatOf = (conversationId: string): Store<ChatState> => storeIn(chats, conversationId, empty)
/** What is being written and not yet sent; `null` is the conversation that does not exist yet. */
export const draftOf = (conversationId: string | null): Store<string> => storeIn(drafts, conversationId ?? '', '')

/** New text is shown at most thirty times a second: faster than reading, slower than tokens. */
const showEveryMilliseconds = 33

/** Says finished paragraphs aloud as they come, and the rest at the end. */
function createNarrator(conversationId: string) {
  let said = 0
  return (entry: Entry | undefined): void => {
    if (entry === undefined || !location.pathname.endsWith(conversationId)) return
    const until = entry.status === 'running' ? finishedUntil(entry.text, said) : entry.text.length
    announce(spokenText(entry.text.slice(said, until)))
    said = Math.max(said, until)
    if (entry.status === 'stopped') announce('The answer was stopped.')
    if (entry.status === 'failed') announce('The answer could not be finished.')
  }
}

/** Shows a turn's events until the last one. Whatever goes wrong is shown with the answer, or above the composer if there is none yet. */
async function showTurn(conversationId: string, events: AsyncIterable<TurnEvent>): Promise<void> {
  const chat = chatOf(conversationId)
  const narrate = createNarrator(conversationId)
  let turnId: string | null = null
  let { entries } = chat.get()
  let timer: ReturnType<typeof setTimeout> | null = null
  const show = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    chat.set((state) => ({ ...state, entries }))
    narrate(entries.findLast((entry) => entry.turnId === turnId && entry.role === 'assistant'))
  }
  for await (const event of events) {
    if (event.name === 'turn-start') turnId = event.data.turnId
    if (turnId === null) {
      if (event.name === 'problem') throw toPageProblem(event.data)
      continue
    }
    entries = applyTurnEvent(entries, turnId, event)
    if (event.name === 'turn-start') {
      chat.set((state) => ({ ...state, entries, pending: null, runningTurnId: turnId }))
      announce('The answer is being written.')
      if (chat.get().stopping) void stop(conversationId)
    } else timer ??= setTimeout(show, showEveryMilliseconds)
  }
  show()
}

async function runTurn(conversationId: string, events: AsyncIterable<TurnEvent>): Promise<PageProblem | null> {
  const chat = chatOf(conversationId)
  try {
    await showTurn(conversationId, events)
    return null
  } catch (error) {
    const problem = problemOf(error)
    chat.set((state) => ({ ...state, problem }))
    announce(`${problem.title}. ${problem.detail ?? ''}`)
    return problem
  } finally {
    chat.set((state) => ({ ...state, pending: null, runningTurnId: null, stopping: false }))
    refreshConversation(conversationId).catch(() => undefined)
  }
}

/** Asks one question and shows its answer to the end. A question that did not get through the gate goes back into the draft. */
export async function ask(conversationId: string, body: RequestOf<'createTurn'>['body']): Promise<void> {
  const chat = chatOf(conversationId)
  if (chat.get().pending !== null || chat.get().runningTurnId !== null) return
  const before = chat.get().entries.length
  chat.set((state) => ({ ...state, loaded: true, pending: body.text, problem: null }))
  const problem = await runTurn(conversationId, askTurn({ params: { conversationId }, body }, new AbortController().signal))
  if (problem !== null && chat.get().entries.length === before) draftOf(conversationId).set((draft) => draft === '' ? body.text : draft)
}

/** Loads the newest messages. If the last answer is still being written, follows it from its beginning. */
export async function openChat(conversationId: string): Promise<void> {
  const chat = chatOf(conversationId)
  if (chat.get().loaded) return
  try {
    const page = await call('listMessages', { params: { conversationId } })
    chat.set((state) => ({ ...state, entries: page.items.map(toEntry), older: page.next, loaded: true, problem: null }))
  } catch (error) {
    chat.set((state) => ({ ...state, problem: problemOf(error) }))
    return
  }
  const last = chat.get().entries.at(-1)
  if (last?.status !== 'running') return
  chat.set((state) => ({ ...state, runningTurnId: last.turnId }))
  const problem = await runTurn(conversationId, rejoinTurn(last.turnId, new AbortController().signal))
  if (problem?.code === 'not-found') await reloadChat(conversationId)
}

/** Throws away what is known of a chat and loads it again. */
export async function reloadChat(conversationId: string): Promise<void> {
  chatOf(conversationId).set((state) => ({ ...state, loaded: false, problem: null }))
  await openChat(conversationId)
}

/** Puts the page of messages before the ones that are here. */
export async function loadOlder(conversationId: string): Promise<void> {
  const chat = chatOf(conversationId)
  const { older } = chat.get()
  if (older === null) return
  const page = await call('listMessages', { params: { conversationId }, query: { before: older } })
  chat.set((state) => ({ ...state, entries: [...page.items.map(toEntry), ...state.entries], older: page.next }))
}

/** Has the server stop the running turn; the stream then ends by itself. A turn that has not begun yet is stopped when it does. */
export async function stop(conversationId: string): Promise<void> {
  const chat = chatOf(conversationId)
  const turnId = chat.get().runningTurnId
  chat.set((state) => ({ ...state, stopping: state.pending !== null || turnId !== null }))
  if (turnId === null) return
  try {
    await call('stopTurn', { params: { turnId } })
  } catch (error) {
    chat.set((state) => ({ ...state, stopping: false, problem: problemOf(error) }))
  }
}

/** Rates an answer. Throws `PageProblem`. */
export async function rate(conversationId: string, messageId: string, body: RequestOf<'giveFeedback'>['body']): Promise<void> {
  const feedback = await call('giveFeedback', { params: { messageId }, body })
  chatOf(conversationId).set((state) => ({ ...state, entries: state.entries.map((entry) => entry.id === messageId ? { ...entry, feedback } : entry) }))
}
