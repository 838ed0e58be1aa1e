import { expect, test } from 'vitest'
import { openTestServer, PASSWORD } from '../../src/testing/server.ts'

const RACERS = 200
const from = (index: number) => `127.${1 + Math.floor(index / 200)}.0.${1 + index % 200}`
/** Without figures, which the estimator of strength takes long over. */
const passwordOf = (index: number) => `four unrelated words ${[...String(index)].map((figure) => 'bcdfghjklm'[Number(figure)]).join('')} here`

/** Scoreboard S10. */
test('of two hundred who use one reset link at once exactly one sets the password, and everything that was open ends', { timeout: 120_000 }, async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const ann = await server.addAccount('ann')
  const { link } = (await owner.call('POST', `/api/v1/accounts/${ann.account.id}/reset-link`)).json as { link: string }
  const token = link.slice(link.indexOf('#') + 1)
  expect((await ann.call('GET', '/api/v1/session')).status).toBe(200)
  const replies = await Promise.all(Array.from({ length: RACERS }, (_, index) => server.call('POST', '/api/v1/password-resets/complete', { from: from(index), body: { token, password: passwordOf(index) } })))
  const winners = replies.flatMap(({ status }, index) => (status === 204 ? [index] : []))
  expect(winners).toHaveLength(1)
  for (const { status, json } of replies) if (status !== 204) expect(json).toMatchObject({ status: 410, code: 'link-ended' })
  expect((await ann.call('GET', '/api/v1/session')).status).toBe(401)
  const signIn = async (password: string, address: string) => (await server.call('POST', '/api/v1/session', { from: address, body: { email: 'ann@example.org', password } })).status
  expect(await signIn(passwordOf(winners[0] ?? -1), '127.9.0.1')).toBe(200)
  expect(await signIn(passwordOf(((winners[0] ?? 0) + 1) % RACERS), '127.9.0.2')).toBe(401)
  expect(await signIn(PASSWORD, '127.9.0.3')).toBe(401)
  const { read } = server.sallyport.database
  expect(await read.selectFrom('audit_entry').select(['action', 'actor']).where('action', '=', 'password-reset').execute()).toEqual([{ action: 'password-reset', actor: ann.account.id }])
})
