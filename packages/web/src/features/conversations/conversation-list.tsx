import type { Conversation } from '@sallyport/contract'
import { lazy, Suspense, useState } from 'react'
import { Link, useRoute } from '../../app/router.tsx'
import { useStore } from '../../app/store.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { conversationsStore, groupByAge, loadAllConversations, loadConversations, searchTitles } from './conversations.ts'

const ConversationActions = lazy(async () => ({ default: (await import('./conversation-actions.tsx')).ConversationActions }))

function Item({ conversation, current, onOpen }: { readonly conversation: Conversation; readonly current: boolean; readonly onOpen: () => void }) {
  return (
    <li className={`group flex items-center rounded-lg ${current ? 'bg-gate-soft' : 'hover:bg-sunk'}`}>
      <Link to={`/conversations/${conversation.id}`} onClick={onOpen} aria-current={current ? 'page' : undefined} className="min-w-0 flex-1 truncate rounded-lg py-2 pl-3 text-[0.9375rem]" title={conversation.title}>{conversation.title}</Link>
      <Suspense fallback={<span className="size-9" />}><ConversationActions conversation={conversation} current={current} /></Suspense>
    </li>
  )
}

/** Own conversations, newest first, with a search over their titles. */
export function ConversationList({ onOpen }: { readonly onOpen: () => void }) {
  const { items, next, loaded, problem, at } = useStore(conversationsStore)
  const [query, setQuery] = useState('')
  const route = useRoute()
  const currentId = route.name === 'chat' ? route.conversationId : null
  const found = searchTitles(items, query)
  const search = (text: string): void => {
    setQuery(text)
    if (text !== '') void loadAllConversations()
  }
  return (
    <>
      <label className="mx-3 flex h-10 items-center gap-2 rounded-lg border border-line bg-surface px-3 text-ink-soft focus-within:border-gate">
        <Icon name="search" className="size-4" />
        <span className="sr-only">Search conversations</span>
        <input type="search" value={query} onChange={({ target }) => search(target.value)} placeholder="Search titles" className="min-w-0 flex-1 bg-transparent text-[0.9375rem] text-ink outline-none placeholder:text-ink-soft" />
      </label>
      <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {problem !== null && <div className="pt-3"><ProblemNotice problem={problem}><Button onClick={() => void loadConversations()}>Try again</Button></ProblemNotice></div>}
        {loaded && problem === null && found.length === 0 && <p className="px-3 pt-4 text-sm text-ink-soft">{query === '' ? 'Your conversations will be listed here.' : `No title holds “${query}”.`}</p>}
        {groupByAge(found, at).map(({ title, items: members }) => (
          <section key={title} aria-label={title}>
            <h2 className="px-3 pt-4 pb-1 text-xs font-semibold text-ink-soft">{title}</h2>
            <ul>{members.map((conversation) => <Item key={conversation.id} conversation={conversation} current={conversation.id === currentId} onOpen={onOpen} />)}</ul>
          </section>
        ))}
        {next !== null && query === '' && <Button look="quiet" className="mt-2 w-full" onClick={() => void loadConversations(true)}>Show older</Button>}
      </nav>
    </>
  )
}
