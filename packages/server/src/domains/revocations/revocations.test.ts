import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import type { Database } from '../../database/database.ts'
import { openPostgres } from '../../database/postgres/open.ts'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { isRevoked, type Revoked } from '../../kernel/revocations.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeWith } from '../../testing/needs.ts'
import { createPostgresDatabase } from '../../testing/postgres.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createSharedRevocations, type SharedRevocations } from './index.ts'

const everyKind: readonly Revoked[] = [
  { kind: 'account', accountId: 'acc_1', exceptSessionId: 'ses_1' }, { kind: 'account', accountId: 'acc_1', exceptSessionId: null }, { kind: 'session', sessionId: 'ses_1' },
  { kind: 'session-token', sessionId: 'ses_1' }, { kind: 'key', keyId: 'key_1' }, { kind: 'key-settings', keyId: 'key_1' }, { kind: 'signing-key', signingKeyId: 'x' }, { kind: 'data-keys', ownerId: 'acc_1' },
  { kind: 'providers' }, { kind: 'everything' },
]
const WITHIN = { timeout: 3_000, interval: 10 }
const open: SharedRevocations[] = []
afterEach(() => { for (const revocations of open.splice(0)) revocations.close() })

function listener(database: Database, clock: Clock = systemClock) {
  const failures: unknown[] = []
  const revocations = createSharedRevocations({ database, clock, onFailure: (error) => { failures.push(error) } })
  open.push(revocations)
  const heard: Revoked[] = []
  revocations.subscribe((revoked) => { heard.push(revoked) })
  return { revocations, heard, failures }
}

describeEachEngine('revocations', (dialect) => {
  test('what is revoked is written with the batch that revokes it, and told here before it resolves; a batch that fails tells nobody', async () => {
    await using store = await openTestStore(dialect)
    const { revocations, heard } = listener(store.database)
    await revocations.revoke({ kind: 'everything' }, [])
    expect(heard).toEqual([{ kind: 'everything' }])
    await expect(revocations.revoke({ kind: 'session', sessionId: 'ses_1' }, [{ query: store.database.read.deleteFrom('session').compile(), expectRows: 1 }])).rejects.toThrow()
    expect(heard).toHaveLength(1)
    expect(await store.database.read.selectFrom('revocation').select('kind').execute()).toEqual([{ kind: 'everything' }])
  })
})

describeWith('postgres', 'several processes over one store', () => {
  test('each hears what the others revoke, every kind of it, once and in order; what was before it came is not told', async () => {
    await using database = await createPostgresDatabase()
    const [one, other] = [await openPostgres({ url: database.url }), await openPostgres({ url: database.url })]
    try {
      const [here, there] = [listener(one), listener(other)]
      await here.revocations.revoke({ kind: 'key', keyId: 'before' }, [])
      await there.revocations.listen()
      for (const revoked of everyKind) await here.revocations.revoke(revoked, [])
      await vi.waitFor(() => { expect(there.heard).toEqual(everyKind) }, WITHIN)
      await sleep(600)
      expect(there.heard).toHaveLength(everyKind.length)
    } finally {
      for (const revocations of open.splice(0)) revocations.close()
      await Promise.all([one.close(), other.close()])
    }
  })

  test('a batch that began earlier and commits later is heard, too', async () => {
    await using database = await createPostgresDatabase()
    const [one, other] = [await openPostgres({ url: database.url }), await openPostgres({ url: database.url })]
    try {
      const { revocations, heard } = listener(other)
      await revocations.listen()
      // The first takes its number, and keeps its transaction open while the second takes the next one and commits.
      const slow = one.read.transaction().execute(async (transaction) => {
        await transaction.insertInto('revocation').values({ at: 1, kind: 'key', subject: 'slow', except_session_id: null }).execute()
        await vi.waitFor(() => { expect(heard).toHaveLength(1) }, WITHIN)
      })
      await sleep(100)
      await listener(one).revocations.revoke({ kind: 'key', keyId: 'quick' }, [])
      await slow
      await vi.waitFor(() => { expect(heard).toEqual([{ kind: 'key', keyId: 'quick' }, { kind: 'key', keyId: 'slow' }]) }, WITHIN)
    } finally {
      for (const revocations of open.splice(0)) revocations.close()
      await Promise.all([one.close(), other.close()])
    }
  })

  test('who cannot hear trusts nothing that is remembered, says so once, and trusts again when it hears', async () => {
    await using database = await createPostgresDatabase()
    const real = await openPostgres({ url: database.url })
    const state = { broken: false }
    const faulty: Database = { ...real, get read() { if (state.broken) throw new Error('The store is away.'); return real.read } }
    try {
      const { revocations, failures } = listener(faulty)
      expect(revocations.isHearing()).toBe(false)
      await revocations.listen()
      expect(revocations.isHearing()).toBe(true)
      state.broken = true
      await vi.waitFor(() => { expect(revocations.isHearing()).toBe(false) }, WITHIN)
      await sleep(600)
      expect(failures).toHaveLength(1)
      state.broken = false
      await vi.waitFor(() => { expect(revocations.isHearing()).toBe(true) }, WITHIN)
    } finally {
      for (const revocations of open.splice(0)) revocations.close()
      await real.close()
    }
  })
})

test('a revocation means the callers that it names, and never the socket', () => {
  const caller = (fields: Partial<ReturnType<typeof callerLike>>) => ({ ...callerLike('acc_1', 'member'), ...fields })
  const session = caller({ credential: { kind: 'session', id: 'ses_1' }, sessionId: 'ses_1' })
  const key = caller({ credential: { kind: 'api-key', id: 'key_1' }, sessionId: null })
  const token = caller({ credential: { kind: 'access-token', id: 'tok_1' }, sessionId: 'tok_1' })
  const keyToken = caller({ credential: { kind: 'access-token', id: 'key_1' }, sessionId: null })
  const socket = caller({ credential: { kind: 'local', id: 'socket' }, sessionId: null })
  const nobody = caller({ scope: null, credential: { kind: 'none', id: '' }, sessionId: null })
  const meant = everyKind.map((revoked) => [session, key, token, keyToken, socket, nobody].map((one) => isRevoked(one, revoked)))
  const [yes, no] = [true, false]
  expect(meant).toEqual([
    [no, yes, yes, yes, no, no], [yes, yes, yes, yes, no, no], [yes, no, no, no, no, no],
    [no, no, no, no, no, no], [no, yes, no, yes, no, no], expect.any(Array) as unknown, [no, no, yes, yes, no, no], [no, no, no, no, no, no],
    [no, no, no, no, no, no], [yes, yes, yes, yes, no, no],
  ])
})
