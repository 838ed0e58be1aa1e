import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { modelProviders } from '../../adapters/model-provider/index.ts'
import { rotationHooks } from '../../adapters/rotation-hook/index.ts'
import { createEgress } from '../../kernel/egress.ts'
import { defaultEgressRules } from '../../policy/egress.ts'
import { providerCredentials, rotationHooks as rules, waitAfterHook } from '../../policy/provider-credentials.ts'
import { callerLike } from '../../testing/caller.ts'
import { HONEST, startHookVendor, type HookVendor } from '../../testing/hook-vendor.ts'
import { describeWith } from '../../testing/needs.ts'
import { idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createTestClock, type TestClock } from '../../testing/test-clock.ts'
import { createSharedRevocations, type SharedRevocations } from '../revocations/index.ts'
import { createModels, createProviderStore, type Models } from './index.ts'

const FIRST = 'sk-first-of-two-processes-1a'
const DAY = 86_400_000
const owner = callerLike(idLike('acc', 1), 'owner')
let store: TestStore
let at: HookVendor
let clock: TestClock
const open: { readonly revocations: SharedRevocations; readonly models: Models }[] = []

beforeEach(async () => {
  clock = createTestClock()
  store = await openTestStore('postgres')
  await store.addAccount(idLike('acc', 1), {})
  at = await startHookVendor(FIRST)
})
afterEach(async () => {
  for (const { revocations, models } of open.splice(0)) { await models.hooks.close(); revocations.close() }
  await at[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
})

/** The providers as one process over the store has them, with the program that makes their keys. */
async function startProcess(code: string): Promise<Models> {
  const { database, keyRing } = store
  const revocations = createSharedRevocations({ database, clock, onFailure: () => undefined })
  const egress = createEgress({ clock, rules: defaultEgressRules })
  const models = createModels({
    database, clock, revocations, egress, environment: 'production', descriptors: modelProviders, configured: [], adapterSettings: {}, resilience: { breakerFailures: 10, breakerSeconds: 15, callsAtOnce: 256 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    store: createProviderStore(database, await keyRing.ensure('server'), { parseModels: (text) => JSON.parse(text) as string[] }),
    hook: rotationHooks.program.create({ programs: { vendor: { origin: new URL(at.vendor.baseUrl).origin, command: [await at.program('rotate', code)] } }, seconds: 20, outputBytes: rules.outputBytes }),
  })
  open.push({ revocations, models })
  await models.load()
  return models
}
async function startTwo(code: string): Promise<readonly [Models, Models]> {
  const one = await startProcess(code)
  await one.save(owner, 'vendor', { adapter: 'openai-compatible', baseUrl: at.vendor.baseUrl, credential: FIRST, allowPrivateAddress: true })
  return [one, await startProcess(code)]
}
const states = async (models: Models) => (await models.credentials.list('vendor')).items.map(({ version, state }) => `${version} ${state}`)
const old = () => { clock.advance(providerCredentials.rotateAfterDays * DAY + 1) }

describeWith('postgres', 'programs of two processes over one store', () => {
  test('only one of them is run, however many look at once, and the other has what it made', async () => {
    const both = await startTwo(`note(verb); await new Promise((resolve) => setTimeout(resolve, 500)); ${HONEST}`)
    old()
    await Promise.all(both.map((models) => models.hooks.runDue()))
    expect(await at.notes()).toEqual(['rotate'])
    await Promise.all(both.map((models) => models.load()))
    for (const models of both) expect(await states(models)).toEqual(['2 active', '1 retiring'])
    await Promise.all(both.map((models) => models.hooks.runDue()))
    expect(await at.notes(), 'nothing is due').toEqual(['rotate'])
    at.keys.delete('first')
    expect((await both[1].credentials.list('vendor')).items[0]).toMatchObject({ version: 2, hook: null })
  })

  test('one that failed is not tried again by the other before its time', async () => {
    const both = await startTwo('note(verb); process.exit(1)')
    old()
    await Promise.all(both.map((models) => models.hooks.runDue()))
    await Promise.all(both.map((models) => models.hooks.runDue()))
    expect(await at.notes()).toEqual(['rotate'])
    clock.advance(waitAfterHook(1))
    await Promise.all(both.map((models) => models.hooks.runDue()))
    expect((await at.notes()).filter((verb) => verb === 'rotate'), 'the negative control: after its time it is').toHaveLength(2)
  })

  test('a person who asks while the other process has it run is told so', async () => {
    const [here, there] = await startTwo(`note(verb); await new Promise((resolve) => setTimeout(resolve, 1500)); ${HONEST}`)
    old()
    const running = here.hooks.runDue()
    await vi.waitFor(async () => { expect(await at.notes()).toEqual(['rotate']) }, { timeout: 10_000 })
    await expect(there.hooks.rotateNow(owner, 'vendor')).rejects.toMatchObject({ code: 'conflict' })
    await running
    expect(await at.notes()).toEqual(['rotate'])
  })

  test('what a process began and did not bring to its end is taken over after the claim, and the key that nobody took is ended', async () => {
    const [here, there] = await startTwo(HONEST)
    old()
    // A process that is gone without a word: its claim stays.
    const { id: provider } = await store.database.read.selectFrom('provider').select('id').executeTakeFirstOrThrow()
    const [key] = (await here.credentials.list('vendor')).items
    at.keys.set('pvc_lost', 'sk-made-and-lost-with-its-process-8d')
    const lost = { provider_id: provider, environment: 'production' as const, failures: 0, failure: null, failed_at: null }
    await store.database.write([{ query: store.database.read.insertInto('provider_hook_task').values([
      { ...lost, credential_id: key?.id ?? '', verb: 'rotate', claim_id: 'gone', claimed_until: clock.now() + 60_000, next_try_at: null },
      { ...lost, credential_id: 'pvc_lost', verb: 'revoke', claim_id: null, claimed_until: null, next_try_at: clock.now() + 60_000 },
    ]).compile() }])
    await at.program('rotate', HONEST)
    await there.hooks.runDue()
    expect(await states(there), 'the other may still be at it').toEqual(['1 active'])
    clock.advance(60_001)
    await there.hooks.runDue()
    expect(await states(there)).toEqual(['2 active', '1 retiring'])
    expect([...at.keys.keys()]).not.toContain('pvc_lost')
  })
})
