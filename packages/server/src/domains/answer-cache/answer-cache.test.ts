import { expect, test } from 'vitest'
import { openScope } from '../../kernel/scope.ts'
import { createSealer } from '../../kernel/seal.ts'
import { answerCacheRules } from '../../policy/answer-cache.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createAnswerCache, type KeptAnswer } from './index.ts'

const HOUR = 3_600_000
const answer = (characters: number): KeptAnswer => ({ text: 'x'.repeat(characters), reasoning: '', inputTokens: 3, outputTokens: 4 })

describeEachEngine('the answer cache', (dialect) => {
  const open = async ({ reach = 'own', megabytes = 1 }: { readonly reach?: 'own' | 'shared'; readonly megabytes?: number } = {}) => {
    const store = await openTestStore(dialect)
    const [one, other] = [idLike('acc', 1), idLike('acc', 2)]
    await store.addAccount(one)
    await store.addAccount(other)
    let at = 1_000 * HOUR
    const sealers = new Map([one, other, 'server'].map((owner, index) => [owner, createSealer(owner, new Map([[1, Buffer.alloc(32, index + 1)]]))]))
    const sealerOf = (owner: string) => {
      const sealer = sealers.get(owner)
      return sealer === undefined ? Promise.reject(new Error(`No key for ${owner}.`)) : Promise.resolve(sealer)
    }
    const deps = { database: store.database, clock: { now: () => at, monotonic: () => at }, keyRing: { sealerOf }, serverSealer: await sealerOf('server'), hours: 2, megabytes, savedSince: () => Promise.resolve({ hits: 0, savedTokens: 0, savedMoney: 0 }) }
    const cache = createAnswerCache({ ...deps, reach })
    const keep = async (accountId: string, request: string, characters = 10) => {
      const place = await cache.place(openScope(accountId), request)
      const steps = await cache.hasRoom(place) ? cache.keep(place, answer(characters)) : []
      await store.database.write(steps)
      return steps.length > 0
    }
    const found = async (accountId: string, request: string) => cache.find(await cache.place(openScope(accountId), request))
    return { ...store, one, other, cache, keep, found, another: createAnswerCache({ ...deps, reach: reach === 'own' ? 'shared' : 'own' }), move: (milliseconds: number) => { at += milliseconds }, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  }

  test('gives back what was kept for exactly that request, and the newer of two', async () => {
    await using at = await open()
    await at.keep(at.one, 'a', 5)
    await at.keep(at.one, 'a', 7)
    expect([await at.found(at.one, 'a'), await at.found(at.one, 'A'), await at.found(at.other, 'a')]).toEqual([answer(7), null, null])
    expect(await at.cache.figures()).toMatchObject({ reach: 'own', answers: 1, found: 1, notFound: 2 })
  })

  test('gives everybody\'s to everybody where they are shared, and never one\'s own', async () => {
    await using at = await open({ reach: 'shared' })
    await at.keep(at.one, 'a')
    expect([await at.found(at.other, 'a'), await at.another.find(await at.another.place(openScope(at.one), 'a'))]).toEqual([answer(10), null])
  })

  test('keeps none that is too long, and no more of one account than its share', async () => {
    await using at = await open()
    expect(await at.keep(at.one, 'long', answerCacheRules.answerBytes)).toBe(false)
    const size = 60_000
    const kept: boolean[] = []
    for (let index = 0; index < 8; index += 1) kept.push(await at.keep(at.one, `request ${index}`, size))
    // A quarter of a megabyte has room for three of them, with one of the greatest length to spare.
    expect(kept.filter(Boolean)).toHaveLength(4)
    expect(await at.keep(at.other, 'request', size)).toBe(true)
  })

  test('is swept of what is too old, and of the oldest that is too much', async () => {
    await using at = await open()
    const size = 60_000
    for (let index = 0; index < 20; index += 1) {
      // As several processes put it there, which do not know of each other.
      await at.database.write(at.cache.keep(await at.cache.place(openScope(index % 2 === 0 ? at.one : at.other), `request ${index}`), answer(size)))
      at.move(1_000)
    }
    await at.cache.sweep()
    const { bytes, answers } = await at.cache.figures()
    expect([bytes <= 1_048_576 * 0.9, answers]).toEqual([true, 15])
    expect([await at.found(at.one, 'request 4'), (await at.found(at.other, 'request 5'))?.outputTokens]).toEqual([null, 4])
    at.move(2 * HOUR)
    expect(await at.found(at.other, 'request 19')).toBeNull()
    await at.cache.sweep()
    expect((await at.cache.figures()).answers).toBe(0)
  })

  test('goes with the account', async () => {
    await using at = await open()
    await at.keep(at.one, 'a')
    await at.keep(at.other, 'a')
    await at.database.write([{ query: at.database.read.deleteFrom('account').where('id', '=', at.one).compile() }])
    expect((await at.database.read.selectFrom('own_answer').select('account_id').execute()).map(({ account_id }) => account_id)).toEqual([at.other])
  })
})
