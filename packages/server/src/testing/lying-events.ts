import type { ModelEvent } from '../ports/model-provider.ts'

const text: ModelEvent = { type: 'text-delta', choice: 0, text: 'x' }
const finish: ModelEvent = { type: 'finish', choice: 0, reason: 'stop' }
const usage: ModelEvent = { type: 'usage', inputTokens: 1, outputTokens: 1 }
const call = (fields: { readonly index: number; readonly id?: string; readonly name?: string }): ModelEvent => ({ type: 'tool-call-delta', choice: 0, argumentsText: '{}', ...fields })

/** Answers that break a promise of the model port, each by the promise that it breaks. */
export const lyingAnswers: Readonly<Record<string, readonly ModelEvent[]>> = {
  'every choice ends with a finish': [text],
  'also the choice that said nothing': [{ ...finish, choice: 1 }],
  'a choice finishes once': [text, finish, finish],
  'nothing comes after a finish': [finish, text],
  'usage comes after the last finish': [text, usage, finish],
  'usage comes once': [finish, usage, usage],
  'a tool call begins with an id': [call({ index: 0, name: 'f' }), finish],
  'an id is not empty': [call({ index: 0, id: '', name: 'f' }), finish],
  'a tool call begins with a name': [call({ index: 0, id: 'a' }), finish],
  'a name is not empty': [call({ index: 0, id: 'a', name: '' }), finish],
  'tool calls count from 0': [call({ index: 1, id: 'a', name: 'f' }), finish],
}
