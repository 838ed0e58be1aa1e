import { afterAll, describe, expect, test } from 'vitest'
import { createStrength } from './strength.ts'

const strength = createStrength(() => ['sallyport', 'chat.example.net'])
afterAll(() => strength.close())
const context = { email: 'olive.owner@example.org', name: 'Olive Hummingbird' }

describe('which passwords are taken', () => {
  test.each(['four unrelated words here', 'correct horse battery staple', 'vwxq mntz 81 plo kj', 'Ein ganz anderer Satz ohne Sinn', '蜜蜂在夜里跳舞的图书馆里睡觉呢吗', 'a new and quite different phrase'])('%s is', async (password) => {
    expect(await strength.judge(password, context)).toMatchObject({ acceptable: true, problems: [], advice: '' })
  })

  test.each([
    { why: 'short', password: 'Xk2#pq9!vL0@zz', problem: 'too-short' }, { why: 'long', password: 'many words '.repeat(30), problem: 'too-long' },
    { why: 'one piece over and over', password: 'abcdefabcdefabcdef', problem: 'repetitive' }, { why: 'few characters', password: 'aabbaabbaabbcab', problem: 'repetitive' },
    { why: 'a common one with figures', password: 'password1234567', problem: 'too-easy-to-guess' }, { why: 'a row of keys', password: 'qwertyuiopasdfghjkl', problem: 'too-easy-to-guess' },
    { why: 'a row of keys in another alphabet', password: 'zxcvbnm,./asdfgh', problem: 'too-easy-to-guess' }, { why: 'a declaration twice', password: 'iloveyouiloveyou1', problem: 'too-easy-to-guess' },
    { why: 'figures in order', password: '123456789012345678', problem: 'too-easy-to-guess' }, { why: 'common ones joined', password: 'monkeydragonletmein', problem: 'too-easy-to-guess' },
    { why: 'the own address', password: 'olive.owner@example.org', problem: 'too-easy-to-guess' }, { why: 'the own name', password: 'OliveHummingbird1', problem: 'too-easy-to-guess' },
    { why: 'the server\'s name', password: 'chat.example.net', problem: 'too-easy-to-guess' }, { why: 'the product\'s name', password: 'Sallyport2026!!', problem: 'too-easy-to-guess' },
    { why: 'full-width letters of a common one', password: 'ｐａｓｓｗｏｒｄ1234567', problem: 'too-easy-to-guess' },
  ])('not one that is $why', async ({ password, problem }) => {
    const judged = await strength.judge(password, context)
    expect(judged.problems).toEqual([problem])
    expect(judged.acceptable).toBe(false)
    expect(judged.advice).not.toBe('')
    await expect(strength.require(password, context)).rejects.toMatchObject({ code: 'weak-password', detail: judged.advice })
  })

  test('whose account it is decides: another may have the same words', async () => {
    expect((await strength.judge('OliveHummingbird1', { email: 'b@example.com', name: 'Bob' })).acceptable).toBe(true)
  })

  test('many at once are judged, each by its own words', async () => {
    const judged = await Promise.all(Array.from({ length: 40 }, (_, index) => strength.judge(index % 2 === 0 ? 'four unrelated words here' : 'password1234567', context)))
    expect(judged.map(({ acceptable }) => acceptable)).toEqual(Array.from({ length: 40 }, (_, index) => index % 2 === 0))
  })

  test('what is not judged is not taken', async () => {
    const ended = createStrength(() => [])
    const asking = ended.require('four unrelated words here', {})
    const refused = expect(asking).rejects.toMatchObject({ code: 'overloaded' })
    await ended.close()
    await refused
  })
})
