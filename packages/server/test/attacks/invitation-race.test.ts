import { expect, test } from 'vitest'
import { openTestServer, PASSWORD } from '../../src/testing/server.ts'

const RACERS = 200
/** Each caller comes from an address of its own, so that no rate decides the race. */
const from = (index: number) => `127.${1 + Math.floor(index / 200)}.0.${1 + index % 200}`

/** Scoreboard S10. */
test('of two hundred who accept one invitation at once exactly one comes in, and the others leave nothing', { timeout: 120_000 }, async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const { link } = (await owner.call('POST', '/api/v1/invitations', { role: 'operator' })).json as { link: string }
  const token = link.slice(link.indexOf('#') + 1)
  const replies = await Promise.all(Array.from({ length: RACERS }, (_, index) => server.call('POST', '/api/v1/invitations/accept', {
    from: from(index), body: { token, email: `racer${index}@example.org`, name: `Racer ${index}`, password: PASSWORD },
  })))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  for (const { status, json } of replies) if (status !== 200) expect(json).toMatchObject({ status: 410, code: 'link-ended' })
  const { read } = server.sallyport.database
  expect((await read.selectFrom('account').select('role').execute()).map(({ role }) => role).toSorted()).toEqual(['operator', 'owner'])
  expect(await read.selectFrom('data_key').select('owner_id').where('owner_id', 'like', 'acc%').execute()).toHaveLength(2)
  expect(await read.selectFrom('audit_entry').select('action').where('action', '=', 'account-created').execute()).toHaveLength(1)
})
