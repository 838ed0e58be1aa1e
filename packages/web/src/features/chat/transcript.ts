import type { Message, Notice, TurnEvent } from '@sallyport/contract'
import { toPageProblem, type PageProblem } from '../../wire/problem.ts'

/** A message with what is known of it only while the page is open. */
export interface Entry extends Message {
  readonly reasoning: string
  readonly problem: PageProblem | null
}

export const toEntry = (message: Message): Entry => ({ ...message, reasoning: '', problem: null })

const putMessage = (entries: readonly Entry[], entry: Entry): readonly Entry[] =>
  entries.some(({ id }) => id === entry.id) ? entries.map((other) => other.id === entry.id ? entry : other) : [...entries, entry]

const changeAnswer = (entries: readonly Entry[], turnId: string, change: (entry: Entry) => Entry): readonly Entry[] =>
  entries.map((entry) => entry.turnId === turnId && entry.role === 'assistant' ? change(entry) : entry)

const beginTurn = (entries: readonly Entry[], { turnId, question, answerId, model }: Extract<TurnEvent, { name: 'turn-start' }>['data']): readonly Entry[] => {
  const asked = question === null ? entries : putMessage(entries, toEntry(question))
  const answer: Entry = {
    id: answerId ?? `answer of ${turnId}`, role: 'assistant', text: '', createdAt: question?.createdAt ?? new Date().toISOString(),
    turnId, status: 'running', model, citations: [], notices: [], feedback: null, reasoning: '', problem: null,
  }
  return putMessage(asked, answer)
}

/**
 * The messages after one event of a turn. A turn that is followed from its beginning again starts from an empty answer, so
 * that nothing stands there twice.
 */
export function applyTurnEvent(entries: readonly Entry[], turnId: string, event: TurnEvent): readonly Entry[] {
  switch (event.name) {
    case 'turn-start': return beginTurn(entries, event.data)
    case 'passages-found': return changeAnswer(entries, turnId, (entry) => ({ ...entry, citations: event.data.citations }))
    case 'text-delta': return changeAnswer(entries, turnId, (entry) => ({ ...entry, text: entry.text + event.data.text }))
    case 'reasoning-delta': return changeAnswer(entries, turnId, (entry) => ({ ...entry, reasoning: entry.reasoning + event.data.text }))
    case 'notice-added': return changeAnswer(entries, turnId, (entry) => ({ ...entry, notices: [...entry.notices, event.data] }))
    case 'turn-end': return changeAnswer(entries, turnId, (entry) => ({ ...entry, ...event.data.answer, status: event.data.status }))
    case 'problem': return changeAnswer(entries, turnId, (entry) => ({ ...entry, status: entry.status === 'running' ? 'failed' : entry.status, problem: toPageProblem(event.data) }))
  }
}

/** A weak sign that changed nothing, told beside every other answer, would only teach people not to look. */
const isWorthTelling = ({ type, action }: Notice): boolean => action !== 'allow' && !(type === 'injection-hint' && action === 'warn')

/** What the guard did in one turn, each thing once, question first. The question's message and the turn's events may both tell of it. */
export function noticesOf(question: Entry | undefined, answer: Entry): readonly Notice[] {
  const byKind = new Map<string, Notice>()
  for (const notice of [...(question?.notices ?? []), ...answer.notices].filter(isWorthTelling)) {
    const kind = `${notice.place} ${notice.type} ${notice.action}`
    const known = byKind.get(kind)
    if (known === undefined || known.count < notice.count) byKind.set(kind, notice)
  }
  return [...byKind.values()]
}

/** Markdown as a screen reader should say it: without marks, link targets and code fences' fences. */
export const spokenText = (markdown: string): string =>
  markdown.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/^(```|~~~).*$/gm, '').replaceAll(/[*_`#>|]+/g, ' ').replaceAll(/\s+/g, ' ').trim()

/** Where the last finished paragraph ends after `from`; `from` itself when none does. A fence that is still open finishes nothing. */
export function finishedUntil(text: string, from: number): number {
  const end = text.lastIndexOf('\n\n')
  return end > from && (text.slice(0, end).match(/^```/gm)?.length ?? 0) % 2 === 0 ? end : from
}
