import type { Citation } from '@sallyport/contract'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { navigate } from '../../app/router.tsx'
import { useStore } from '../../app/store.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { problemOf, type PageProblem } from '../../wire/problem.ts'
import { chooseModel, conversationsStore, createConversation } from '../conversations/conversations.ts'
import { modelFor, modelsStore, type Model } from '../models/models.ts'
import { ask, chatOf, draftOf, loadOlder, openChat, reloadChat, stop, type ChatState } from './chats.ts'
import { Composer } from './composer.tsx'
import { AnswerView, GateLine, QuestionView } from './turn-view.tsx'
import { useScrollToEnd } from './use-scroll-to-end.ts'
import { Welcome } from './welcome.tsx'

const PassagePanel = lazy(async () => ({ default: (await import('../documents/passage-panel.tsx')).PassagePanel }))
const nothing = chatOf('')

interface TranscriptProps {
  readonly conversationId: string
  readonly chat: ChatState
  readonly onCitation: (citation: Citation) => void
  readonly onRetry: (text: string) => void
}

function Transcript({ conversationId, chat, onCitation, onRetry }: TranscriptProps) {
  const { items } = useStore(modelsStore)
  const { entries, pending, older } = chat
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-8 px-4 py-6 sm:px-6">
      {older !== null && <Button look="quiet" className="self-center" onClick={() => void loadOlder(conversationId)}>Show earlier messages</Button>}
      {entries.map((entry, index) => entry.role === 'user'
        ? <QuestionView key={entry.id} id={entry.id} text={entry.text} unreadable={entry.unreadable?.includes('text') === true} />
        : <AnswerView key={entry.id} conversationId={conversationId} entry={entry} question={entries.slice(0, index).findLast(({ role, turnId }) => role === 'user' && turnId === entry.turnId)} modelName={items.find(({ id }) => id === entry.model)?.name ?? entry.model} last={index === entries.length - 1 && pending === null} onCitation={onCitation} onRetry={onRetry} />)}
      {pending !== null && <><QuestionView text={pending} waiting /><GateLine state="outgoing" words="Checking your question" /></>}
    </div>
  )
}

/** Sends a question, in a conversation that is made for it if there is none. */
function useAsking(conversationId: string | null, model: Model | null, knowledge: boolean) {
  const [problem, setProblem] = useState<PageProblem | null>(null)
  const onAsk = useCallback(async (text: string): Promise<void> => {
    setProblem(null)
    const body = { text, ...(model !== null && { model: model.id }), ...(knowledge && { knowledge }) }
    try {
      const id = conversationId ?? (await createConversation(model?.id)).id
      const asked = ask(id, body)
      if (conversationId === null) navigate(`/conversations/${id}`)
      await asked
    } catch (error) {
      setProblem(problemOf(error))
      draftOf(conversationId).set(text)
    }
  }, [conversationId, model, knowledge])
  return { problem, onAsk }
}

/** The chat: welcome, questions and answers, and the place to write the next one. */
export function ChatScreen({ conversationId, mayAddProviders }: { readonly conversationId: string | null; readonly mayAddProviders: boolean }) {
  const chat = useStore(conversationId === null ? nothing : chatOf(conversationId))
  const conversation = useStore(conversationsStore).items.find(({ id }) => id === conversationId)
  const model = modelFor(useStore(modelsStore), conversation?.model ?? null)
  const [knowledge, setKnowledge] = useState(false)
  const [citation, setCitation] = useState<Citation | null>(null)
  // The passage stays while its panel slides away; only then does focus go back to where it came from.
  const [reading, setReading] = useState(false)
  const open = useCallback((cited: Citation): void => {
    setCitation(cited)
    setReading(true)
  }, [])
  const { problem: sendProblem, onAsk } = useAsking(conversationId, model, knowledge)
  const { area, away, toEnd } = useScrollToEnd(chat.entries, chat.pending)
  useEffect(() => {
    setReading(false)
    if (conversationId !== null) void openChat(conversationId)
  }, [conversationId])
  const choose = (chosen: Model): void => {
    modelsStore.set((state) => ({ ...state, chosen: chosen.id }))
    if (conversationId !== null) chooseModel(conversationId, chosen.id).catch(() => undefined)
  }
  const retry = useCallback((text: string) => void onAsk(text), [onAsk])
  const problem = sendProblem ?? chat.problem
  const running = chat.pending !== null || chat.runningTurnId !== null
  return (
    <div className={`flex min-h-0 flex-1 flex-col transition-[padding] ${!reading ? '' : 'min-[80rem]:pr-[26rem]'}`}>
      {conversationId === null
        ? <Welcome model={model} mayAddProviders={mayAddProviders} onAsk={retry} />
        : (
          <div ref={area} className="relative min-h-0 flex-1 overflow-y-auto" tabIndex={0} role="region" aria-label="Conversation">
            <h1 className="sr-only">{conversation?.title ?? 'Conversation'}</h1>
            {chat.loaded ? <Transcript conversationId={conversationId} chat={chat} onCitation={open} onRetry={retry} /> : chat.problem === null && <p className="p-6 text-center text-ink-soft">Opening the conversation</p>}
          </div>
        )}
      <div className="relative px-3 pb-3 sm:px-6 sm:pb-5">
        {away && <Button className="absolute -top-12 left-1/2 -translate-x-1/2 shadow-card" icon="chevron" onClick={toEnd}>Latest</Button>}
        {problem !== null && (
          <div className="mx-auto mb-3 max-w-3xl">
            <ProblemNotice problem={problem}>{conversationId !== null && !chat.loaded && <Button icon="retry" onClick={() => void reloadChat(conversationId)}>Load again</Button>}</ProblemNotice>
          </div>
        )}
        <Composer conversationId={conversationId} model={model} knowledge={knowledge} running={running} stopping={chat.stopping} onKnowledge={setKnowledge} onModel={choose} onSend={(text) => void onAsk(text)} onStop={() => { if (conversationId !== null) void stop(conversationId) }} />
        <p className="mx-auto mt-2 hidden max-w-3xl text-center text-xs text-ink-soft sm:block">Models make mistakes. Open the sources and see for yourself.</p>
      </div>
      <Suspense fallback={null}>{citation !== null && <PassagePanel citation={citation} open={reading} onClose={() => setReading(false)} />}</Suspense>
    </div>
  )
}
