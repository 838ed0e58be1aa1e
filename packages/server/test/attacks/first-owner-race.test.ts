import { expect, test } from 'vitest'
import { openTestServer, PASSWORD, type TestServer } from '../../src/testing/server.ts'

/** Each caller comes from an address of its own, so that no rate decides the race. */
const race = (server: TestServer, racers: number) => {
  const token = server.sallyport.setupToken?.reveal()
  return Promise.all(Array.from({ length: racers }, (_, index) => server.call('POST', '/api/v1/setup', {
    from: `127.${1 + Math.floor(index / 200)}.0.${1 + index % 200}`, body: { token, email: `racer${index}@example.org`, name: `Racer ${index}`, password: PASSWORD },
  })))
}

/** Scoreboard S10. */
test.each([{ racers: 200, rounds: 1 }, { racers: 6, rounds: 3 }])('of $racers at once exactly one becomes the owner, each of $rounds times', async ({ racers, rounds }) => {
  for (let round = 0; round < rounds; round += 1) {
    await using server = await openTestServer()
    const replies = await race(server, racers)
    const winners = replies.filter(({ status }) => status === 200)
    expect(winners).toHaveLength(1)
    for (const { status, json } of replies) if (status !== 200) expect(json).toMatchObject({ status: 403, code: 'set-up-closed' })
    const { read } = server.sallyport.database
    expect(await read.selectFrom('account').select('role').execute()).toEqual([{ role: 'owner' }])
    expect(await read.selectFrom('setup_token').selectAll().execute()).toEqual([])
    expect(await read.selectFrom('session').select('id').execute()).toHaveLength(1)
    expect(await read.selectFrom('audit_entry').select('action').where('action', '=', 'owner-created').execute()).toHaveLength(1)
    // The losers' data keys went with their batches: one for the owner beside the server's own.
    const owners = await read.selectFrom('data_key').select('owner_id').where('owner_id', 'like', 'acc%').execute()
    expect(owners).toHaveLength(1)
  }
}, 60_000)
