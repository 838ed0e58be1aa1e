import { Budgets, NewKey } from '@sallyport/contract'
import { callHttp } from '../../src/testing/http-client.ts'
import { startVendorServer } from '../../src/testing/vendor-server.ts'
import { tokenEstimate } from '../../src/policy/limits.ts'
import type { Patch } from './lib/patches.ts'
import type { ServerProcess } from './lib/server.ts'
import { must } from './lib/wire.ts'

/** A server that looks whether a budget has room, and takes it afterwards. It must be found out. */
export const looksAtBudget: readonly Patch[] = [
  { file: 'domains/budgets/store.ts', from: '\n    where budget_use.used + excluded.used <= (select budget.amount from budget where budget.id = budget_use.budget_id)', to: '' },
  {
    file: 'domains/budgets/hold.ts', from: '    let granted = outputTokens\n',
    to: '    let granted = outputTokens\n    const seen = await roomFor(budgets, inputTokens, price)\n    if (seen.tokens < outputTokens) throw spent(seen.budget, clock.now())\n',
  },
]

const QUESTION = 'Say yes.'
const PLACES = 10
const INPUT = QUESTION.length / 4 + tokenEstimate.perMessage
const OUTPUT = 100
const ROOM = PLACES * (INPUT + OUTPUT)

/** Gives a key a budget for ten questions, and asks many at once with it. Gives why it was wrong; nothing when exactly ten were answered, and paid for. */
export async function raceForBudget({ server, racers }: { readonly server: ServerProcess; readonly racers: number }): Promise<readonly string[]> {
  const vendor = await startVendorServer('openai-compatible', { script: { text: ['Yes.'], usage: { inputTokens: INPUT, outputTokens: OUTPUT } }, firstByteMilliseconds: 20 })
  try {
    await must(server, 'PUT /api/v1/providers/raced', { adapter: 'openai-compatible', baseUrl: vendor.baseUrl, credential: 'sk-faults-credential', allowPrivateAddress: true, models: ['model-a'] })
    const { key: { id: subject }, value } = NewKey.parse(await must(server, 'POST /api/v1/keys', { name: 'ten questions' }))
    await must(server, 'PUT /api/v1/budgets', { scope: 'key', subject, period: 'day', unit: 'tokens', amount: ROOM })
    const ask = (index: number) => callHttp({
      port: server.port, method: 'POST', path: '/v1/chat/completions', headers: { authorization: `Bearer ${value}` }, from: `127.${40 + Math.floor(index / 200)}.0.${1 + index % 200}`,
      body: { model: 'raced/model-a', max_tokens: OUTPUT, messages: [{ role: 'user', content: QUESTION }] },
    })
    const replies = await Promise.all(Array.from({ length: racers }, (_, index) => ask(index)))
    const winners = replies.filter(({ status }) => status === 200).length
    const others = [...new Set(replies.filter(({ status }) => status !== 200 && status !== 402).map(({ status, text }) => `${status} ${text.slice(0, 80)}`))]
    const later = (await ask(racers)).status
    const reached = vendor.requests.filter(({ path }) => path.endsWith('/chat/completions')).length
    const used = Budgets.parse(await must(server, 'GET /api/v1/budgets')).items.find((budget) => budget.subject === subject)?.used
    return [
      ...(winners === PLACES ? [] : [`${winners} were answered`]), ...others, ...(later === 402 ? [] : [`a later one was answered ${later}`]),
      ...(reached === PLACES ? [] : [`the provider was asked ${reached} times`]), ...(used === ROOM ? [] : [`${used ?? 'nothing'} of ${ROOM} tokens were used`]),
    ]
  } finally {
    await vendor.close()
  }
}
