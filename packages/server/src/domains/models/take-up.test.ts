import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { modelProviders } from '../../adapters/model-provider/index.ts'
import { createEgress } from '../../kernel/egress.ts'
import { systemClock } from '../../kernel/clock.ts'
import { defaultEgressRules } from '../../policy/egress.ts'
import type { ModelRequest } from '../../ports/model-provider.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeWith } from '../../testing/needs.ts'
import { idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { startVendorServer, type VendorServer } from '../../testing/vendor-server.ts'
import { createSharedRevocations, type SharedRevocations } from '../revocations/index.ts'
import { createModels, createProviderStore, type Models } from './index.ts'

const [FIRST, SECOND] = ['sk-first-of-two-keys-1a', 'sk-second-of-two-keys-2b']
const request: Omit<ModelRequest, 'model'> = { messages: [{ role: 'user', text: 'Hello?' }], tools: [], toolChoice: 'auto', options: {}, choices: 1, streamed: true, passages: [], correlationId: 'test' }
const WITHIN = { timeout: 5_000 }
const owner = callerLike(idLike('acc', 1), 'owner')
let store: TestStore
let vendor: VendorServer
/** The one key that the vendor takes at this moment. */
let taken = FIRST
const open: SharedRevocations[] = []
/** What was logged as an error. What the end of a test cuts off comes too late to count. */
let failures: string[] = []

beforeEach(async () => {
  taken = FIRST
  failures = []
  store = await openTestStore('postgres')
  await store.addAccount(idLike('acc', 1), {})
  vendor = await startVendorServer('openai-compatible', { get credential() { return taken }, script: { text: ['Hello.'] } })
})
afterEach(async () => {
  expect(failures).toEqual([])
  for (const revocations of open.splice(0)) revocations.close()
  await vendor.close()
  await store[Symbol.asyncDispose]()
})

/** The providers as one process over the store has them. */
async function startProcess({ hears = true } = {}): Promise<Models> {
  const { database, keyRing } = store
  const revocations = createSharedRevocations({ database, clock: systemClock, onFailure: (error) => { failures.push(String(error)) } })
  open.push(revocations)
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  const models = createModels({
    database, clock: systemClock, revocations, egress, environment: 'production', descriptors: modelProviders, configured: [], adapterSettings: {}, resilience: { breakerFailures: 10, breakerSeconds: 15, callsAtOnce: 256 },
    log: { info: () => undefined, warn: () => undefined, error: (fields: unknown, event: string) => { failures.push(`${event} ${JSON.stringify(fields)}`) } },
    store: createProviderStore(database, await keyRing.ensure('server'), { parseModels: (text) => JSON.parse(text) as string[] }),
  })
  if (hears) await revocations.listen()
  await models.load()
  return models
}
const save = (models: Models, credential = FIRST) => models.save(owner, 'vendor', { adapter: 'openai-compatible', baseUrl: vendor.baseUrl, credential, allowPrivateAddress: true })
const names = (models: Models) => models.list(null).map(({ id }) => id)
async function ask(models: Models): Promise<string> {
  const { provider, vendorModel } = models.resolve('vendor/model-a', null)
  const texts: string[] = []
  for await (const event of provider.stream({ ...request, model: vendorModel }, AbortSignal.timeout(5_000))) if (event.type === 'text-delta') texts.push(event.text)
  return texts.join('')
}
const versions = async (models: Models) => (await models.credentials.list('vendor')).items.map(({ version, state }) => `${version} ${state}`)

describeWith('postgres', 'providers of two processes over one store', () => {
  test('what one saves, the other has; what one removes, the other has no longer; one that does not hear keeps what it had', async () => {
    const [here, there, deaf] = [await startProcess(), await startProcess(), await startProcess({ hears: false })]
    await save(here)
    await vi.waitFor(async () => { expect(await ask(there)).toBe('Hello.') }, WITHIN)
    expect(names(deaf)).toEqual([])
    await here.remove(owner, 'vendor')
    await vi.waitFor(() => { expect(names(there)).toEqual([]) }, WITHIN)
  })

  test('what another one saved a moment ago is changed, and not made a second time', async () => {
    const [here, there] = [await startProcess(), await startProcess({ hears: false })]
    const { id } = await save(here)
    expect((await save(there)).id).toBe(id)
    expect(await versions(there)).toEqual(['1 active'])
  })

  test('both saving a name at once leave one provider, and the loser is told so', async () => {
    const both = [await startProcess(), await startProcess()] as const
    const outcomes = await Promise.allSettled(both.map((models) => save(models)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' })
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true)
    await vi.waitFor(async () => { for (const models of both) expect(await ask(models)).toBe('Hello.') }, WITHIN)
    expect(await versions(both[0])).toEqual(['1 active'])
  })

  test('a key that is activated at one is used by the other, and what was not changed stays as it was', async () => {
    const [here, there] = [await startProcess(), await startProcess()]
    await save(here)
    await vi.waitFor(() => { expect(names(there)).toContain('vendor/model-a') }, WITHIN)
    const before = here.resolve('vendor/model-a', null).provider
    await save(there)
    await there.load()
    await here.load()
    expect(here.resolve('vendor/model-a', null).provider, 'the same settings').toBe(before)
    taken = SECOND
    await here.credentials.add(owner, 'vendor', { credential: SECOND, activate: true })
    await vi.waitFor(async () => { expect(await ask(there)).toBe('Hello.') }, WITHIN)
  })

  test('when both are refused at once, one fails over and the other follows it', async () => {
    const both = [await startProcess({ hears: false }), await startProcess({ hears: false })] as const
    await save(both[0])
    await both[1].load()
    taken = SECOND
    await both[0].credentials.add(owner, 'vendor', { credential: SECOND })
    expect(await Promise.all(both.map(ask))).toEqual(['Hello.', 'Hello.'])
    expect(await versions(both[0])).toEqual(['2 active', '1 retiring'])
  })
})
