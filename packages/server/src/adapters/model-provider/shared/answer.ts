import { randomBytes } from 'node:crypto'
import type { FinishReason, ModelEvent } from '../../../ports/model-provider.ts'
import { invalidAnswer } from './json.ts'

/** More calls of tools in one choice than any vendor allows. */
export const MAX_TOOL_CALLS = 128
const MAX_NAME_LENGTH = 256

interface OpenCall { readonly index: number }

/** What has been seen of one choice. Keeps the port's promises: numbered tool calls with id and name, one finish, nothing after it. */
export class Choice {
  readonly #number: number
  readonly #calls = new Map<string | number, OpenCall>()
  #begun = false
  finished = false
  constructor(number: number) { this.#number = number }

  get hasToolCalls(): boolean { return this.#calls.size > 0 }

  /** Says once that the vendor has begun this choice, so that whoever waits may be told. */
  begin(events: ModelEvent[]): void {
    if (this.#begun) return
    this.#begun = true
    events.push({ type: 'text-delta', choice: this.#number, text: '' })
  }

  text(text: string, events: ModelEvent[]): void {
    if (text === '' || this.finished) return
    const last = events.at(-1)
    // What came in one burst is one piece: every stage then looks at it once. The beginning stays alone, so that it is told at once.
    if (last?.type === 'text-delta' && last.choice === this.#number && last.text !== '') events[events.length - 1] = { ...last, text: last.text + text }
    else events.push({ type: 'text-delta', choice: this.#number, text })
  }

  reasoning(text: string, events: ModelEvent[]): void {
    if (text !== '' && !this.finished) events.push({ type: 'reasoning-delta', choice: this.#number, text })
  }

  hasToolCall(key: string | number): boolean { return this.#calls.has(key) }

  /** Begins a tool call. An empty `id` gets one of ours. */
  beginToolCall(key: string | number, call: { readonly id: string; readonly name: string; readonly argumentsText: string }, events: ModelEvent[]): void {
    if (this.finished) return
    if (call.name === '' || call.name.length > MAX_NAME_LENGTH || call.id.length > MAX_NAME_LENGTH) throw invalidAnswer('a tool call has no proper name')
    if (this.#calls.size >= MAX_TOOL_CALLS) throw invalidAnswer('too many tool calls')
    const index = this.#calls.size
    this.#calls.set(key, { index })
    events.push({ type: 'tool-call-delta', choice: this.#number, index, id: call.id === '' ? newToolCallId() : call.id, name: call.name, argumentsText: call.argumentsText })
  }

  continueToolCall(key: string | number, argumentsText: string, events: ModelEvent[]): void {
    const call = this.#calls.get(key)
    if (call !== undefined && argumentsText !== '' && !this.finished) events.push({ type: 'tool-call-delta', choice: this.#number, index: call.index, argumentsText })
  }

  finish(reason: FinishReason, events: ModelEvent[]): void {
    if (this.finished) return
    this.finished = true
    events.push({ type: 'finish', choice: this.#number, reason })
  }
}

/** The vendors that name no calls get ids of ours; a client sends them back with the results. */
const newToolCallId = () => `call_${randomBytes(12).toString('hex')}`

/** The choices of one answer, and what it cost. */
export class Answer {
  readonly #choices: readonly Choice[]
  #usage: { inputTokens: number; outputTokens: number } | null = null
  constructor(choices: number) { this.#choices = Array.from({ length: choices }, (_, number) => new Choice(number)) }

  /** Null for a choice that nobody asked for: it is dropped. */
  choice(number: number): Choice | null { return this.#choices[number] ?? null }

  /** Keeps the latest count of each kind: vendors count up. */
  usage(inputTokens: number | null, outputTokens: number | null): void {
    if (inputTokens === null && outputTokens === null) return
    this.#usage = { inputTokens: inputTokens ?? this.#usage?.inputTokens ?? 0, outputTokens: outputTokens ?? this.#usage?.outputTokens ?? 0 }
  }

  /** Ends the answer. An answer without every finish was cut off, and is no answer. */
  end(events: ModelEvent[]): void {
    if (this.#choices.some(({ finished }) => !finished)) throw invalidAnswer('it ends before its finish')
    if (this.#usage !== null) events.push({ type: 'usage', ...this.#usage })
  }
}
