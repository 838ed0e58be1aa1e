import { expect, test } from 'vitest'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createHookTaskStore } from './hook-task-store.ts'

const [ONE, OTHER] = [idLike('prv', 1), idLike('prv', 2)]
const [ACTIVE, FORMER, GONE] = [idLike('pvc', 1), idLike('pvc', 2), idLike('pvc', 3)]
const subject = (credentialId: string, providerId = ONE) => ({ credentialId, providerId, environment: 'production' as const })
const FAILED = { failures: 1, failure: 'failed', failed_at: 10, next_try_at: 20 }
const claim = (id: string, at = 1, failures = 0) => ({ id, at, until: at + 100, failures })

async function fill({ database }: TestStore): Promise<void> {
  const { read } = database
  await database.write([
    { query: read.insertInto('provider').values([ONE, OTHER].map((id) => ({ id, name: id.slice(-1) === '1' ? 'one' : 'other', adapter: 'openai', base_url: 'https://api.example.org', credential_sealed: null, allow_private_address: 0, models: '[]', created_at: 1 }))).compile() },
    { query: read.insertInto('provider_credential').values([[ACTIVE, 1, 'active'], [FORMER, 2, 'retiring'], [GONE, 3, 'revoked']].map(([id, version, state]) => ({
      id: String(id), provider_id: ONE, version: Number(version), state: state === 'active' ? 'active' as const : state === 'retiring' ? 'retiring' as const : 'revoked' as const, environment: 'production' as const, credential_sealed: null, created_at: 1, activated_at: 1,
      retired_at: null, revoked_at: null, expires_at: null, rejected_at: null, last_used_at: null, calls: 0, input_tokens: 0, output_tokens: 0, cost: 0, rotation_told_at: null, expiry_told_at: null,
    }))).compile() },
  ])
}

describeEachEngine('the store of what hooks are to do', (dialect) => {
  test('a task is claimed by one, until the claim is over; who has missed a try is told so, and who has lost the claim ends nothing', async () => {
    await using store = await openTestStore(dialect)
    await fill(store)
    const tasks = createHookTaskStore(store.database)
    const tried = (id: string, at: number, failures = 0) => writeUnlessConflict(store.database, [tasks.claim('rotate', subject(ACTIVE), claim(id, at, failures))])
    expect([await tried('a', 1), await tried('b', 1), await tried('b', 100)]).toEqual([true, false, false])
    expect(await tried('b', 101), 'it is over').toBe(true)
    expect(await writeUnlessConflict(store.database, [tasks.end('a')])).toBe(false)
    await store.database.write([tasks.fail('b', FAILED)])
    expect([await tried('c', 102, 0), await tried('c', 102, 1)]).toEqual([false, true])
    await store.database.write([tasks.end('c')])
    expect(await tasks.find(ACTIVE, 'rotate')).toBeUndefined()
    // A wrong clock's claim holds nobody up for long.
    expect([await tried('ahead', 1_000_000_000), await tried('right', 1)]).toEqual([true, true])
  })

  test('of what failed a provider is shown its own alone', async () => {
    await using store = await openTestStore(dialect)
    await fill(store)
    const tasks = createHookTaskStore(store.database)
    await store.database.write([
      tasks.claim('rotate', subject(ACTIVE), claim('a')), tasks.fail('a', FAILED), tasks.claim('revoke', subject(idLike('pvc', 9), OTHER), claim('b')), tasks.fail('b', FAILED),
      tasks.planRevocation(subject(FORMER), null),
    ])
    const named = async (providerId?: string) => (await tasks.failing(providerId)).map(({ credential_id: id }) => id).toSorted()
    expect([await named(ONE), await named(OTHER), await named()]).toEqual([[ACTIVE], [idLike('pvc', 9)], [ACTIVE, idLike('pvc', 9)]])
  })

  test('only versions that are destroyed here or were never taken are to be ended at the provider, for this environment, and when it is time', async () => {
    await using store = await openTestStore(dialect)
    await fill(store)
    const tasks = createHookTaskStore(store.database)
    const never = idLike('pvc', 7)
    await store.database.write([ACTIVE, FORMER, GONE].map((id) => tasks.planRevocation(subject(id), null)))
    await store.database.write([tasks.planRevocation(subject(never), 50), tasks.planRevocation(subject(GONE), 999)])
    const due = async (at: number, environment: 'production' | 'staging' = 'production') => (await tasks.revocable(at, environment)).map(({ credential_id: id, version }) => [id, version])
    expect(await due(49)).toEqual([[GONE, 3]])
    expect(await due(50)).toEqual([[GONE, 3], [never, null]])
    expect(await due(50, 'staging')).toEqual([])
    await store.database.write([tasks.keep(never)])
    await store.database.write([tasks.claim('revoke', subject(never), claim('a'))])
    expect(await writeUnlessConflict(store.database, [tasks.keep(never)]), 'somebody ends it already').toBe(false)
  })

  test('rotations of versions that somebody has replaced are forgotten; of those that are in use, or that somebody is at, they stay', async () => {
    await using store = await openTestStore(dialect)
    await fill(store)
    const tasks = createHookTaskStore(store.database)
    await store.database.write([tasks.claim('rotate', subject(ACTIVE), claim('a')), tasks.fail('a', FAILED)])
    expect(await tasks.hasSettled()).toBe(false)
    await store.database.write([tasks.claim('rotate', subject(FORMER), claim('b')), tasks.fail('b', FAILED), tasks.claim('rotate', subject(GONE), claim('c')), tasks.planRevocation(subject(GONE), null)])
    expect(await tasks.hasSettled()).toBe(true)
    const left = async () => (await store.database.read.selectFrom('provider_hook_task').select(['credential_id', 'verb']).orderBy('credential_id').orderBy('verb').execute()).map(({ credential_id: id, verb }) => `${verb} ${id.slice(-1)}`)
    await store.database.write([tasks.dropSettled(50)])
    expect(await left()).toEqual(['rotate 1', 'revoke 3', 'rotate 3'])
    await store.database.write([tasks.dropSettled(101)])
    expect(await left()).toEqual(['rotate 1', 'revoke 3'])
  })
})
