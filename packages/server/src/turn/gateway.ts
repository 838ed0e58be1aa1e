import type { GatewayChatReply, GatewayChatRequest, GatewayFinishReason, GatewayMessage, Notice } from '@sallyport/contract'
import type { Models } from '../domains/models/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Call, EventsReply, Handlers } from '../kernel/handler.ts'
import { newId } from '../kernel/ids.ts'
import { ProblemError, toOpenAiError, toProblemError } from '../kernel/problem.ts'
import { tellCache } from './cache-header.ts'
import type { FinishReason, ModelMessage, ModelOptions, ModelRequest, ToolCall } from '../ports/model-provider.ts'
import type { Received, TurnOutput } from './turn.ts'

// The OpenAI wire over the one turn: bytes become a `Received`, outputs become chunks. No check of its own lives here.

export interface GatewayDeps {
  readonly run: (received: Received) => AsyncIterable<TurnOutput>
  readonly models: Pick<Models, 'list' | 'resolve'>
  readonly clock: Clock
}

const finishReasons: Readonly<Record<FinishReason, GatewayFinishReason>> = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls', 'content-filter': 'content_filter' }

export function gatewayRoutes({ run, models, clock }: GatewayDeps) {
  const entry = (id: string) => ({ id, object: 'model' as const, created: 0, owned_by: id.slice(0, Math.max(0, id.indexOf('/'))) || 'sallyport' })
  const toReceived = (call: Call<'gatewayChat'>): Received => ({
    turnId: newId('turn', clock.now()), entrance: 'gateway', caller: call.caller, conversationId: null, model: call.body.model,
    messages: call.body.messages.map(toMessage), tools: toTools(call.body), toolChoice: toToolChoice(call.body), options: toOptions(call.body),
    choices: call.body.n ?? 1, streamed: call.body.stream === true, knowledge: null, correlationId: call.correlationId, startedAt: clock.now(), tellRates: call.tellRates, signal: call.gone,
  })
  return {
    gatewayListModels: ({ caller }) => Promise.resolve({ object: 'list', data: models.list(caller.restriction).map(({ id }) => entry(id)) }),
    gatewayGetModel: ({ caller, params }) => Promise.resolve(entry(models.resolve(params['*'], caller.restriction).id)),
    gatewayChat: async (call) => {
      const received = toReceived(call)
      const head = { id: `chatcmpl-${received.turnId.slice(4)}`, created: Math.floor(received.startedAt / 1_000), model: call.body.model }
      const headers: Record<string, string> = call.ignoredFields.length === 0 ? {} : { 'Sallyport-Ignored': call.ignoredFields.join(', ') }
      const outputs = run(received)
      if (call.body.stream === true) return streamed(outputs, call, { head, headers })
      return { kind: 'headed', reply: await whole(outputs, head, headers), headers }
    },
  } satisfies Partial<Handlers>
}

function textOf(content: string | readonly { readonly text: string }[] | null | undefined): string {
  return typeof content === 'string' ? content : content?.map(({ text }) => text).join('\n') ?? ''
}

function toMessage(message: GatewayMessage): ModelMessage {
  switch (message.role) {
    case 'system': case 'developer': return { role: 'system', text: textOf(message.content) }
    case 'user': return { role: 'user', text: textOf(message.content) }
    case 'tool': return { role: 'tool', toolCallId: message.tool_call_id, text: textOf(message.content) }
    case 'assistant': return {
      role: 'assistant', text: textOf(message.content),
      toolCalls: message.tool_calls?.map((call): ToolCall => ({ id: call.id, name: call.function.name, argumentsText: call.function.arguments })) ?? [],
    }
  }
}

const toTools = ({ tools }: GatewayChatRequest): ModelRequest['tools'] => tools?.map(({ function: tool }) => ({
  name: tool.name, ...(tool.description !== undefined && { description: tool.description }),
  ...(tool.parameters !== undefined && { parameters: tool.parameters }), ...(typeof tool.strict === 'boolean' && { strict: tool.strict }),
})) ?? []

const toToolChoice = ({ tool_choice: choice }: GatewayChatRequest): ModelRequest['toolChoice'] =>
  choice === undefined ? 'auto' : typeof choice === 'string' ? choice : { name: choice.function.name }

function toOptions(body: GatewayChatRequest): ModelOptions {
  const tokens = body.max_completion_tokens ?? body.max_tokens
  const stop = typeof body.stop === 'string' ? [body.stop] : body.stop
  return {
    ...(typeof body.temperature === 'number' && { temperature: body.temperature }),
    ...(typeof body.top_p === 'number' && { topP: body.top_p }),
    ...(typeof tokens === 'number' && { maxOutputTokens: tokens }),
    ...(Array.isArray(stop) && { stop }),
    ...(typeof body.seed === 'number' && { seed: body.seed }),
    ...(typeof body.presence_penalty === 'number' && { presencePenalty: body.presence_penalty }),
    ...(typeof body.frequency_penalty === 'number' && { frequencyPenalty: body.frequency_penalty }),
    ...(body.parallel_tool_calls !== undefined && { parallelToolCalls: body.parallel_tool_calls }),
    ...(typeof body.reasoning_effort === 'string' && { reasoningEffort: body.reasoning_effort }),
    ...(body.response_format !== undefined && { responseFormat: toFormat(body.response_format) }),
  }
}

function toFormat(format: NonNullable<GatewayChatRequest['response_format']>): NonNullable<ModelOptions['responseFormat']> {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object') return { type: 'json' }
  const { name, description, schema, strict } = format.json_schema
  return { type: 'json-schema', name, ...(description !== undefined && { description }), ...(schema !== undefined && { schema }), ...(typeof strict === 'boolean' && { strict }) }
}

/** OpenAI's wire has no word for it; clients leave alone what they do not know. */
const approval = { sallyport: { approval: 'required' } } as const

/** What the guard, budgets and providers have to say to the reader; left out where that is nothing. */
const noticesOf = (notices: readonly Notice[]) => (notices.length === 0 ? {} : { sallyport: { notices: [...notices] } })

interface Head { readonly id: string; readonly created: number; readonly model: string }
interface Gathered { text: string; reasoning: string; finish: FinishReason; readonly calls: Map<number, { id: string; name: string; text: string; readonly needsApproval: boolean }> }

/** The whole answer as one object. */
async function whole(outputs: AsyncIterable<TurnOutput>, head: Head, headers: Record<string, string>): Promise<GatewayChatReply> {
  const choices = new Map<number, Gathered>()
  const choice = (index: number): Gathered => {
    const known = choices.get(index)
    if (known !== undefined) return known
    const fresh: Gathered = { text: '', reasoning: '', finish: 'stop', calls: new Map() }
    choices.set(index, fresh)
    return fresh
  }
  let usage = { inputTokens: 0, outputTokens: 0 }
  let [model, notices]: [string, readonly Notice[]] = [head.model, []]
  for await (const output of outputs) {
    switch (output.type) {
      case 'text-delta': choice(output.choice).text += output.text; break
      case 'reasoning-delta': choice(output.choice).reasoning += output.text; break
      case 'finish': choice(output.choice).finish = output.reason; break
      case 'tool-call-delta': {
        const { calls } = choice(output.choice)
        const call = calls.get(output.index) ?? { id: output.id ?? '', name: output.name ?? '', text: '', needsApproval: 'needsApproval' in output }
        call.text += output.argumentsText
        calls.set(output.index, call)
        break
      }
      case 'end': ({ usage, notices } = output); break
      case 'start': tellCache(headers, output); break
      case 'model': ({ model } = output); break
      case 'passages': case 'notice': case 'usage': break
    }
  }
  return {
    ...head, model, object: 'chat.completion', usage: toUsage(usage), ...noticesOf(notices),
    choices: [...choices].toSorted(([one], [other]) => one - other).map(([index, { text, reasoning, finish, calls }]) => ({
      index, finish_reason: finishReasons[finish], logprobs: null,
      message: {
        role: 'assistant', content: text === '' && calls.size > 0 ? null : text, refusal: null, ...(reasoning !== '' && { reasoning_content: reasoning }),
        ...(calls.size > 0 && { tool_calls: [...calls.values()].map((call) => ({ id: call.id, type: 'function' as const, function: { name: call.name, arguments: call.text }, ...(call.needsApproval && approval) })) }),
      },
    })),
  }
}

const toUsage = ({ inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number }) =>
  ({ prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens })

function streamed(outputs: AsyncIterable<TurnOutput>, call: Call<'gatewayChat'>, { head, headers }: { readonly head: Head; readonly headers: Record<string, string> }): EventsReply {
  const wantsUsage = call.body.stream_options?.include_usage === true
  return {
    kind: 'events',
    frames: toChunks(outputs, { head, headers, wantsUsage }),
    failure: (error) => `data: ${JSON.stringify(toOpenAiError(toProblemError(error), call.correlationId))}\n\n`,
    headers,
  }
}

async function* toChunks(outputs: AsyncIterable<TurnOutput>, { head, headers, wantsUsage }: { readonly head: Head; readonly headers: Record<string, string>; readonly wantsUsage: boolean }): AsyncIterable<string> {
  // The head of every chunk is the same text; only the choice is written anew.
  const openOf = (model: string) => `data: ${JSON.stringify({ ...head, model, object: 'chat.completion.chunk', system_fingerprint: null }).slice(0, -1)}`
  let open = openOf(head.model)
  const nothing = wantsUsage ? ',"usage":null' : ''
  const begin = (index: number, delta: string, finish: string) => `${open},"choices":[{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":${finish}}]${nothing}`
  const chunk = (index: number, delta: string, finish: string) => `${begin(index, delta, finish)}}\n\n`
  // The last finish waits for the end, and takes along what is to be said to the reader: no client must understand a chunk of its own for it.
  let held: Extract<TurnOutput, { type: 'finish' }> | null = null
  const finished = (notices: readonly Notice[]) => (held === null ? '' : `${begin(held.choice, '{}', `"${finishReasons[held.reason]}"`)}${notices.length === 0 ? '' : `,${JSON.stringify(noticesOf(notices)).slice(1, -1)}`}}\n\n`)
  const begun = new Set<number>()

  for await (const output of outputs) {
    if ('choice' in output && held !== null) {
      yield finished([])
      held = null
    }
    if ('choice' in output && !begun.has(output.choice)) {
      begun.add(output.choice)
      yield chunk(output.choice, '{"role":"assistant","content":"","refusal":null}', 'null')
    }
    switch (output.type) {
      case 'text-delta': if (output.text !== '') yield chunk(output.choice, `{"content":${JSON.stringify(output.text)}}`, 'null'); break
      case 'reasoning-delta': yield chunk(output.choice, `{"reasoning_content":${JSON.stringify(output.text)}}`, 'null'); break
      case 'tool-call-delta': yield chunk(output.choice, JSON.stringify({ tool_calls: [toToolDelta(output)] }), 'null'); break
      case 'finish': held = output; break
      case 'end':
        if (output.status === 'stopped') throw new ProblemError('shutting-down')
        if (held !== null) yield finished(output.notices)
        if (wantsUsage) yield `${open},"choices":[],"usage":${JSON.stringify(toUsage(output.usage))}}\n\n`
        yield 'data: [DONE]\n\n'
        break
      case 'start': tellCache(headers, output); break
      case 'model': open = openOf(output.model); break
      case 'passages': case 'notice': case 'usage': break
    }
  }
}

function toToolDelta(output: Extract<TurnOutput, { type: 'tool-call-delta' }>) {
  const { index, id, name, argumentsText } = output
  return id === undefined
    ? { index, function: { arguments: argumentsText } }
    : { index, id, type: 'function', function: { name, arguments: argumentsText }, ...('needsApproval' in output && approval) }
}
