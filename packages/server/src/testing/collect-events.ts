import type { FinishReason, ModelEvent } from '../ports/model-provider.ts'

export interface CollectedCall { readonly id: string; readonly name: string; readonly argumentsText: string }
export interface CollectedChoice { readonly text: string; readonly reasoning: string; readonly toolCalls: readonly CollectedCall[]; readonly finish: FinishReason }
export interface CollectedAnswer { readonly choices: readonly CollectedChoice[]; readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null }

interface Gathered { text: string; reasoning: string; calls: { id: string; name: string; argumentsText: string }[]; finish: FinishReason | null }

/** Puts the events of one answer together, and throws where they break a promise of the port. */
export async function collectEvents(events: AsyncIterable<ModelEvent>): Promise<CollectedAnswer> {
  const choices: Gathered[] = []
  let usage: CollectedAnswer['usage'] = null
  for await (const event of events) {
    if (usage !== null) throw new Error('An event came after the usage.')
    if (event.type === 'usage') { usage = { inputTokens: event.inputTokens, outputTokens: event.outputTokens }; continue }
    while (choices.length <= event.choice) choices.push({ text: '', reasoning: '', calls: [], finish: null })
    const choice = choices[event.choice]
    if (choice === undefined || choice.finish !== null) throw new Error('An event came after its choice had finished.')
    gather(choice, event)
  }
  return {
    usage,
    choices: choices.map(({ text, reasoning, calls, finish }) => {
      if (finish === null) throw new Error('A choice has no finish.')
      return { text, reasoning, toolCalls: calls, finish }
    }),
  }
}

function gather(choice: Gathered, event: Exclude<ModelEvent, { type: 'usage' }>): void {
  switch (event.type) {
    case 'text-delta': choice.text += event.text; return
    case 'reasoning-delta': choice.reasoning += event.text; return
    case 'finish': choice.finish = event.reason; return
    case 'tool-call-delta': {
      const call = choice.calls[event.index]
      if (call !== undefined) { call.argumentsText += event.argumentsText; return }
      if (event.index !== choice.calls.length) throw new Error('A tool call skips a number.')
      if (event.id === undefined || event.id === '' || event.name === undefined || event.name === '') throw new Error('A tool call begins without its id and name.')
      choice.calls.push({ id: event.id, name: event.name, argumentsText: event.argumentsText })
    }
  }
}
