import { expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { providerCredentials } from '../../policy/provider-credentials.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createProviderStore } from './store.ts'
import { createCredentialReminder } from './remind-credentials.ts'

const DAY = 86_400_000
const START = 1_800_000_000_000
const { rotateAfterDays, expiresSoonDays } = providerCredentials

/** A provider with a key that was added at the start, and what tells of it. */
async function begin(store: TestStore, { endsAfterDays, state = 'active', environment = 'production' }: { readonly endsAfterDays?: number; readonly state?: 'active' | 'standby' | 'retiring'; readonly environment?: 'production' | 'staging' } = {}) {
  const time = { now: START }
  const providers = createProviderStore(store.database, await store.keyRing.ensure('server'), { parseModels: () => [] })
  await store.database.write(providers.put({ id: 'prv_1', name: 'vendor', adapter: 'openai', baseUrl: 'https://vendor.example/v1', credential: null, allowPrivateAddress: false, models: [], createdAt: START }))
  await store.database.write([providers.credentials.insert({ id: 'pcr_1', provider_id: 'prv_1', version: 1, state, environment, credential: state === 'active' ? null : new Secret('a-key-of-tests-1'), created_at: START, activated_at: START, expires_at: endsAfterDays === undefined ? null : START + endsAfterDays * DAY })])
  const process = () => createCredentialReminder({ database: store.database, clock: { now: () => time.now, monotonic: () => time.now }, environment: 'production', store: providers })
  const rows = () => store.database.read.selectFrom('security_event').selectAll().orderBy('at').execute()
  return {
    process, remind: process(), at: (days: number) => { time.now = START + days * DAY }, rows,
    told: async () => (await rows()).map(({ type, at }) => `${type} ${(at - START) / DAY}`),
  }
}

describeEachEngine('what is told of providers\' keys', (dialect) => {
  test('is that one has reached its interval, once, and again for each further interval', async () => {
    await using store = await openTestStore(dialect)
    const { remind, at, told, rows } = await begin(store)
    for (const day of [0, rotateAfterDays - 1, rotateAfterDays, rotateAfterDays + 1, 2 * rotateAfterDays - 1, 2 * rotateAfterDays]) { at(day); await remind() }
    expect(await told()).toEqual([`provider-credential-old ${rotateAfterDays}`, `provider-credential-old ${2 * rotateAfterDays}`])
    const [row] = await rows()
    expect(row, 'administrators are told, though it is no attack').toMatchObject({ severity: 'medium', alert_due_at: START + rotateAfterDays * DAY, account_id: null })
    expect(JSON.parse(row?.detail ?? '')).toEqual({ provider: 'vendor', version: 1, addedAt: new Date(START).toISOString() })
  })

  test('is that one ends, once before its end and once when it has come', async () => {
    await using store = await openTestStore(dialect)
    const { remind, at, told, rows } = await begin(store, { endsAfterDays: 20 })
    for (const day of [0, 20 - expiresSoonDays, 20 - expiresSoonDays + 1, 19, 20, 21, 25]) { at(day); await remind() }
    expect(await told()).toEqual([`provider-credential-ends ${20 - expiresSoonDays + 1}`, 'provider-credential-ends 20'])
    expect((await rows()).map(({ detail }) => (JSON.parse(detail) as { readonly hasEnded: boolean }).hasEnded)).toEqual([false, true])
  })

  test('comes from one process of many that look at once', async () => {
    await using store = await openTestStore(dialect)
    const { process, at, told } = await begin(store, { state: 'standby' })
    at(rotateAfterDays + 1)
    await Promise.all([process()(), process()(), process()()])
    expect(await told()).toEqual([`provider-credential-old ${rotateAfterDays + 1}`])
  })

  test('says nothing of keys that are no longer used, and of those for another environment', async () => {
    for (const key of [{ state: 'retiring' }, { environment: 'staging' }] as const) {
      await using store = await openTestStore(dialect)
      const { remind, at } = await begin(store, key)
      at(rotateAfterDays + 1)
      expect(await remind()).toBe(0)
    }
  })
})
