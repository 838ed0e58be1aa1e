import { NewKey } from '@sallyport/contract'
import { callHttp } from '../../src/testing/http-client.ts'
import type { Patch } from './lib/patches.ts'
import type { ServerProcess } from './lib/server.ts'
import { must } from './lib/wire.ts'

/** A server that looks whether a key's day has room, and takes the place afterwards. It must be found out. */
export const looksAtBudget: readonly Patch[] = [
  { file: 'domains/keys/store.ts', from: `if (turnsPerDay !== null) rows = rows.where('turns', '<', turnsPerDay)`, to: '' },
  {
    file: 'domains/keys/key-days.ts', from: `        await database.write([store.open(keyId, day), store.reserve(`,
    to: `        if (turnsPerDay !== null && (await store.used(keyId, day)).turns >= turnsPerDay) throw new ProblemError('too-many-requests', { members: { retryAfterSeconds: 1 } })\n        await database.write([store.open(keyId, day), store.reserve(`,
  },
]

/** Makes a key for one question a day, and asks many at once with it. Gives why it was wrong; nothing when exactly one was answered. */
export async function raceForBudget({ server, racers }: { readonly server: ServerProcess; readonly racers: number }): Promise<readonly string[]> {
  const { value } = NewKey.parse(await must(server, 'POST /api/v1/keys', { name: 'one a day', limits: { turnsPerDay: 1 } }))
  const ask = (index: number) => callHttp({
    port: server.port, method: 'POST', path: '/v1/chat/completions', headers: { authorization: `Bearer ${value}` }, from: `127.${40 + Math.floor(index / 200)}.0.${1 + index % 200}`,
    body: { model: 'sallyport/library', messages: [{ role: 'user', content: 'How do I make an API key?' }] },
  })
  const replies = await Promise.all(Array.from({ length: racers }, (_, index) => ask(index)))
  const winners = replies.filter(({ status }) => status === 200).length
  const others = [...new Set(replies.filter(({ status }) => status !== 200 && status !== 429).map(({ status, text }) => `${status} ${text.slice(0, 80)}`))]
  const later = (await ask(racers)).status
  return [...(winners === 1 ? [] : [`${winners} were answered`]), ...others, ...(later === 429 ? [] : [`a later one was answered ${later}`])]
}
