import * as z from 'zod'
import { call } from './call.ts'
import type { Peer } from './peer.ts'
import { type Ask, bodyFor } from './request.ts'

/** What a caller has in hand at the end, however it was cut on the way. */
export interface Answer {
  readonly text: string
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
  readonly finish: string
  readonly usage: string
}

const Usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
const Whole = z.object({
  choices: z.tuple([z.object({
    finish_reason: z.string(),
    message: z.object({ content: z.string().nullish(), tool_calls: z.array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) })).nullish() }),
  })]),
  usage: Usage,
})
const Chunk = z.object({
  choices: z.array(z.object({
    finish_reason: z.string().nullish(),
    delta: z.object({
      content: z.string().nullish(),
      tool_calls: z.array(z.object({ index: z.int(), id: z.string().nullish(), function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish() })).nullish(),
    }).nullish(),
  })),
  usage: Usage.nullish(),
})

const usageText = (usage: z.output<typeof Usage>): string => `${usage.prompt_tokens}+${usage.completion_tokens}=${usage.total_tokens}`

const fromWhole = (text: string): Answer => {
  const { choices: [choice], usage } = Whole.parse(JSON.parse(text))
  return {
    text: choice.message.content ?? '', finish: choice.finish_reason, usage: usageText(usage),
    toolCalls: (choice.message.tool_calls ?? []).map(each => ({ id: each.id, name: each.function.name, arguments: each.function.arguments })),
  }
}

const fromStream = (text: string): Answer => {
  const events = text.split('\n\n').flatMap(event => event.split('\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6)))
  if (events.at(-1) !== '[DONE]') throw new Error(`The stream did not end with [DONE], but with: ${text.slice(-300)}`)
  const calls = new Map<number, { id: string; name: string; arguments: string }>()
  let [content, finish, usage] = ['', '', '']
  for (const chunk of events.slice(0, -1).map(event => Chunk.parse(JSON.parse(event)))) {
    if (chunk.usage) usage = usageText(chunk.usage)
    for (const choice of chunk.choices) {
      content += choice.delta?.content ?? ''
      finish = choice.finish_reason ?? finish
      for (const part of choice.delta?.tool_calls ?? []) {
        const known = calls.get(part.index) ?? { id: '', name: '', arguments: '' }
        calls.set(part.index, { id: known.id + (part.id ?? ''), name: known.name + (part.function?.name ?? ''), arguments: known.arguments + (part.function?.arguments ?? '') })
      }
    }
  }
  return { text: content, finish, usage, toolCalls: [...calls.entries()].toSorted(([a], [b]) => a - b).map(([, each]) => each) }
}

/** Asks a peer once and gives what a caller would have in hand. Throws on anything but a whole 200. */
export const answerOf = async (peer: Peer, ask: Ask): Promise<Answer> => {
  const reply = await call(peer.port, { method: 'POST', path: '/v1/chat/completions', headers: { authorization: 'Bearer sk-bench-upstream', ...peer.headers }, body: bodyFor(peer, ask) })
  if (reply.status !== 200) throw new Error(`${peer.name} answered ${reply.status}: ${reply.text.slice(0, 500)}`)
  return ask.stream ? fromStream(reply.text) : fromWhole(reply.text)
}
