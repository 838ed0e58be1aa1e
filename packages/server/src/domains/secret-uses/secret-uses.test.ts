import { expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { createSecretUses, createSecretUseStore, createUseMeter, watchSettings } from './index.ts'

const HOUR = 3_600_000
const KEY = { kind: 'provider-key', name: 'pvc_1' } as const

test('a secret counts each time that its value is given, for whoever has it, and comparing gives nothing away', () => {
  const meter = createUseMeter()
  const plain = new Secret('planted')
  const [turns, tests] = [meter.watch(plain, KEY, 'turn'), meter.watch(plain, KEY, 'test')]
  for (let each = 0; each < 3; each += 1) expect(turns.reveal()).toBe('planted')
  tests.reveal()
  expect([turns.equals('planted'), turns.equals(tests), `${String(turns)} ${JSON.stringify(tests)}`]).toEqual([true, true, '[secret] "[secret]"'])
  plain.reveal()
  const taken = meter.take()
  expect(taken).toEqual([{ ...KEY, purpose: 'turn', reads: 3, tokens: 0 }, { ...KEY, purpose: 'test', reads: 1, tokens: 0 }])
  expect(meter.take()).toEqual([])
  turns.reveal()
  meter.putBack(taken)
  expect(meter.take()[0]).toMatchObject({ reads: 4 })
})

test('every secret among settings is watched, by its path, and everything else stays what it was', () => {
  const meter = createUseMeter()
  const settings = watchSettings({ mail: { host: 'mail.example', credential: new Secret('planted') }, providers: { one: { credential: new Secret('other'), models: ['a'] } }, none: null }, meter)
  expect(settings).toMatchObject({ mail: { host: 'mail.example' }, providers: { one: { models: ['a'] } }, none: null })
  expect([settings.mail.credential.reveal(), settings.providers.one.credential.reveal()]).toEqual(['planted', 'other'])
  expect(meter.take().map(({ kind, name, purpose }) => [kind, name, purpose])).toEqual([['setting', 'mail.credential', 'mail'], ['setting', 'providers.one.credential', 'providers']])
})

test('counting a read costs less than a millionth of a second', () => {
  const secret = createUseMeter().watch(new Secret('planted'), KEY, 'turn')
  const rounds = 200_000
  const began = performance.now()
  for (let each = 0; each < rounds; each += 1) secret.reveal()
  expect((performance.now() - began) / rounds * 1_000).toBeLessThan(1)
})

describeEachEngine('uses of secrets', (dialect) => {
  async function open() {
    const store = await openTestStore(dialect)
    const clock = createTestClock()
    clock.stop()
    const { database } = store
    const process = () => {
      const meter = createUseMeter()
      return { meter, uses: createSecretUses({ database, clock, meter, store: createSecretUseStore(database) }) }
    }
    const audited = async () => (await database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'secret-used').orderBy('sequence').execute()).map(({ detail }) => JSON.parse(detail) as Record<string, unknown>)
    const told = async () => (await database.read.selectFrom('security_event').select(['detail', 'severity', 'alert_due_at']).where('type', '=', 'secret-use-jumped').execute()).map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail) as Record<string, unknown> }))
    return { store, clock, process, audited, told, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  }
  const read = (meter: ReturnType<typeof createUseMeter>, times: number, purpose = 'turn') => { for (let each = 0; each < times; each += 1) meter.note(KEY, purpose) }

  test('two processes add to one sum, and one of them writes the one row of the audit log for each interval', async () => {
    await using at = await open()
    const [one, other] = [at.process(), at.process()]
    read(one.meter, 5)
    read(other.meter, 7)
    read(other.meter, 1, 'test')
    one.meter.addTokens(KEY, 'turn', 90)
    await Promise.all([one.uses.flush(), other.uses.flush()])
    read(one.meter, 2)
    await one.uses.tidy()
    expect(await at.audited(), 'the interval is not over').toEqual([])
    at.clock.advance(HOUR + 61_000)
    await Promise.all([one.uses.tidy(), other.uses.tidy()])
    await one.uses.tidy()
    expect(await at.audited()).toEqual([expect.objectContaining({ ...KEY, reads: 15, tokens: 90, seconds: 3_600, purposes: [{ purpose: 'test', reads: 1 }, { purpose: 'turn', reads: 14 }] })])
    expect(await one.uses.list()).toEqual([expect.objectContaining({ ...KEY, reads: 15, tokens: 90, usualReads: null, jumpedAt: null })])
  })

  test('a jump is told once in its interval, by one of two processes, to those who are told of high severity; a busy hour and a first day are not', async () => {
    await using at = await open()
    const [one, other] = [at.process(), at.process()]
    // Ten days: forty reads an hour by day, nothing by night.
    for (let hour = 0; hour < 240; hour += 1) {
      if (hour % 24 < 10) { read(one.meter, 40); await one.uses.flush() }
      at.clock.advance(HOUR)
    }
    expect(await at.told()).toEqual([])
    read(one.meter, 150)
    await one.uses.flush()
    expect(await at.told(), 'busier than usual is no jump').toEqual([])
    read(one.meter, 60)
    read(other.meter, 60)
    await Promise.all([one.uses.flush(), other.uses.flush()])
    read(one.meter, 500)
    await one.uses.flush()
    expect(await at.told()).toEqual([{ severity: 'high', alert_due_at: expect.any(Number), detail: expect.objectContaining({ ...KEY, measure: 'reads', usual: 40 }) }])
    expect((await one.uses.list())[0]).toMatchObject({ usualReads: 40, jumpedAt: expect.any(String) })
    at.clock.advance(HOUR)
    read(one.meter, 600)
    await one.uses.flush()
    expect(await at.told()).toHaveLength(2)
  }, 60_000)

  test('secrets of two kinds with one name are counted apart, and told and summed apart', async () => {
    await using store = await openTestStore(dialect)
    const [uses, other] = [createSecretUseStore(store.database), { kind: 'setting', name: KEY.name } as const]
    await store.database.write([...uses.add({ ...KEY, purpose: 'turn', reads: 3, tokens: 0 }, 0, 1), ...uses.add({ ...other, purpose: 'mail', reads: 5, tokens: 0 }, 0, 1)])
    const [row] = await uses.of(KEY, 0)
    expect([(await uses.of(KEY, 0)).map(({ reads }) => reads), (await uses.of(other, 0)).map(({ reads }) => reads)]).toEqual([[3], [5]])
    expect(await uses.purposesOf({ ...KEY, from_at: 0 })).toEqual([{ purpose: 'turn', reads: 3 }])
    if (row !== undefined) await store.database.write([uses.markTold(row, 2), uses.markSummed(row, 2)])
    expect((await uses.since(0)).map(({ kind, told_at: told, summed_at: summed }) => [kind, told, summed])).toEqual([['provider-key', 2, 2], ['setting', null, null]])
  })

  test('what could not be written down is counted with the next', async () => {
    await using at = await open()
    const { meter, uses } = at.process()
    const broken = createSecretUses({ database: { ...at.store.database, write: () => Promise.reject(new Error('The store is away.')) }, clock: at.clock, meter, store: createSecretUseStore(at.store.database) })
    read(meter, 3)
    await expect(broken.flush()).rejects.toThrow('away')
    read(meter, 1)
    await uses.flush()
    expect((await uses.list())[0]).toMatchObject({ reads: 4 })
  })
})
