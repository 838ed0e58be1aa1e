import * as z from 'zod'
import { eventFrame, type VendorWire } from './vendor-script.ts'
import { openAiFields, readOpenAiRequest, streamOpenAi, vendorOpenAi, wholeOpenAi, type OpenAiFlavour } from './vendor-openai.ts'

/** openrouter.ai/docs/api-reference: keep-alive comments, `provider`, `reasoning`, costs, errors with a number for a code. */
const bodySchema = z.strictObject({ ...openAiFields, n: z.undefined().optional(), max_tokens: z.int().positive().optional(), reasoning: z.strictObject({ effort: z.string() }).optional() })
const flavour: OpenAiFlavour = { reasoningField: 'reasoning', head: [': OPENROUTER PROCESSING\n\n', ': OPENROUTER PROCESSING\n\n'], extra: { provider: 'DeepInfra' } }

export const vendorOpenRouter: VendorWire = {
  ...vendorOpenAi,
  streamType: 'text/event-stream',
  modelsPath: '/api/v1/models',
  readRequest: (path, body) => readOpenAiRequest(path, body, { prefix: '/api/v1', schema: bodySchema }),
  stream: (script, model) => streamOpenAi(script, model, flavour),
  whole: (script, model) => wholeOpenAi(script, model, flavour),
  error: (status, message) => ({ error: { message, code: status, metadata: { provider_name: 'DeepInfra' } }, user_id: 'user_2' }),
  errorFrame: (message) => eventFrame({
    id: 'gen-1', object: 'chat.completion.chunk', created: 1_763_712_000, model: 'm', provider: 'DeepInfra', error: { code: 502, message },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: null }],
  }),
  models: (ids) => ({ data: ids.map((id) => ({ id, canonical_slug: id, name: `Vendor: ${id}`, created: 1_763_712_000, context_length: 128_000, architecture: { modality: 'text->text' }, pricing: { prompt: '0.000001', completion: '0.000002' } })) }),
}
