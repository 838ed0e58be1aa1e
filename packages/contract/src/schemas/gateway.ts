import * as z from 'zod'
import { Notice } from './chat.ts'

/** The OpenAI wire (`/v1/…`). Known fields are checked; unknown ones are dropped and named in `Sallyport-Ignored`. */
const Text = z.string().max(2_000_000)
const TextPart = z.object({ type: z.literal('text'), text: Text })
const Content = z.union([Text, z.array(TextPart).min(1).max(100)], 'Give text, or parts of type "text". Images and sound are not taken yet.')
const ToolCall = z.object({
  id: z.string().min(1).max(200), type: z.literal('function'),
  function: z.object({ name: z.string().min(1).max(128), arguments: Text }),
})
export const GatewayMessage = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: Content, name: z.string().max(128).optional() }),
  z.object({ role: z.literal('user'), content: Content, name: z.string().max(128).optional() }),
  z.object({ role: z.literal('assistant'), content: Content.nullish(), name: z.string().max(128).optional(), refusal: Text.nullish(), tool_calls: z.array(ToolCall).min(1).max(128).optional() }),
  z.object({ role: z.literal('tool'), content: Content, tool_call_id: z.string().min(1).max(200) }),
])
export type GatewayMessage = z.output<typeof GatewayMessage>

const FunctionTool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[\w-]{1,64}$/), description: z.string().max(10_000).optional(),
    parameters: z.record(z.string(), z.unknown()).optional(), strict: z.boolean().nullish(),
  }),
})
const ResponseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), json_schema: z.object({ name: z.string().max(64), description: z.string().optional(), schema: z.record(z.string(), z.unknown()).optional(), strict: z.boolean().nullish() }) }),
])

export const GatewayChatRequest = z.object({
  model: z.string().min(1).max(200),
  messages: z.array(GatewayMessage).min(1).max(1_000),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  n: z.int().min(1).max(8).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).max(1_000_000).nullish(),
  max_completion_tokens: z.int().min(1).max(1_000_000).nullish(),
  stop: z.union([z.string().max(500), z.array(z.string().max(500)).max(8)]).nullish(),
  seed: z.int().nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  tools: z.array(FunctionTool).max(128).optional(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.object({ type: z.literal('function'), function: z.object({ name: z.string().max(64) }) })]).optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: ResponseFormat.optional(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).nullish(),
  /** Accepted because clients send it; it never selects an identity. */
  user: z.string().max(500).optional(),
})
export type GatewayChatRequest = z.output<typeof GatewayChatRequest>

export const GatewayModel = z.object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() })
export const GatewayModelList = z.object({ object: z.literal('list'), data: z.array(GatewayModel) })

/** A tool call that may follow from text from outside says that a person must approve it first. */
const ReplyToolCall = ToolCall.extend({ sallyport: z.object({ approval: z.literal('required') }).optional() })
const GatewayUsage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
const FinishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter'])
export const GatewayChatReply = z.object({
  id: z.string(), object: z.literal('chat.completion'), created: z.int(), model: z.string(),
  choices: z.array(z.object({
    index: z.int(), finish_reason: FinishReason, logprobs: z.null(),
    message: z.object({ role: z.literal('assistant'), content: z.string().nullable(), refusal: z.null(), reasoning_content: z.string().optional(), tool_calls: z.array(ReplyToolCall).optional() }),
  })),
  usage: GatewayUsage,
  sallyport: z.object({ notices: z.array(Notice) }).optional().describe('What the guard, budgets and providers have to say; in a stream it comes with the last finish'),
})
export type GatewayChatReply = z.output<typeof GatewayChatReply>
export type GatewayFinishReason = z.output<typeof FinishReason>

/** OpenAI's error form, with our code and correlation id. */
export const GatewayError = z.object({
  error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string().nullable(), request_id: z.string() }),
})
