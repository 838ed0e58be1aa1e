import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../kernel/clock.ts'
import { createEgress, type Egress } from '../../../kernel/egress.ts'
import { Secret } from '../../../kernel/secret.ts'
import { defaultEgressRules } from '../../../policy/egress.ts'
import type { ModelEvent, ModelRequest } from '../../../ports/model-provider.ts'
import { startVendorServer, type VendorServer } from '../../../testing/vendor-server.ts'
import { openAi } from './index.ts'

let egress: Egress
let server: VendorServer
beforeAll(async () => {
  server = await startVendorServer('openai', { credential: 'sk-right' })
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('provider', { origin: new URL(server.url), allowPrivateAddress: true })
})
afterAll(async () => { await egress.close(); await server.close() })

const request: ModelRequest = {
  model: 'gpt-5', messages: [{ role: 'user', text: 'Good morning' }], tools: [], toolChoice: 'auto', options: {}, choices: 1,
  streamed: true, passages: [], correlationId: 'req-1',
}

test.each([true, false])('text, finish and usage come in this order (streamed: %s)', async (streamed) => {
  const provider = openAi.create(openAi.config.parse({ baseUrl: server.baseUrl, credential: new Secret('sk-right') }), egress)
  const events: ModelEvent[] = []
  for await (const event of provider.stream({ ...request, streamed }, AbortSignal.timeout(5_000))) events.push(event)
  expect(events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')).toBe('You said: Good morning')
  expect(events.slice(-2)).toMatchObject([{ type: 'finish', choice: 0, reason: 'stop' }, { type: 'usage', inputTokens: 12 }])
  expect(server.requests.at(-1)?.headers['x-request-id']).toBe('req-1')
})
