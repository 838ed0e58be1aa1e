import { afterEach, describe, expect, test } from 'vitest'
import { FIRST_KEY, KEYS_PATH, openHookedServer, type HookedServer } from '../../src/testing/hooked-server.ts'

// The attack: the program that makes a provider's keys is broken, or answers what somebody else wants it to: nothing, a page of errors, a
// placeholder, a key that the provider does not take. Nothing of it may take the place of the key in use.

let hooked: HookedServer
afterEach(async () => { await hooked[Symbol.asyncDispose]() })

const rubbish: readonly (readonly [what: string, code: string, reason: string])[] = [
  ['nothing', '', 'no-key'],
  ['an empty line', `process.stdout.write('\\n')`, 'no-key'],
  ['two lines', `process.stdout.write('sk-one-line-of-two-4d\\nsk-two-lines-of-two-5e\\n')`, 'no-key'],
  ['words', `process.stdout.write('Error: the quota is used up')`, 'no-key'],
  ['JSON', `process.stdout.write('{"key": "sk-in-json-6f7a8b9c"}')`, 'no-key'],
  ['a placeholder', `process.stdout.write('your-api-key-goes-here')`, 'no-key'],
  ['a published example', `process.stdout.write('AKIAIOSFODNN7EXAMPLE')`, 'no-key'],
  ['a header of its own', `process.stdout.write('sk-with-a-header-1\\rX-Evil: 1')`, 'no-key'],
  ['bytes', `process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85]))`, 'no-key'],
  ['too much', `for (let i = 0; i < 1000; i += 1) process.stdout.write('k'.repeat(65536))`, 'no-key'],
  ['the key that is in use', `process.stdout.write(${JSON.stringify(FIRST_KEY)})`, 'not-new'],
  ['a key that the provider refuses', `process.stdout.write('sk-nobody-ever-made-this-7c')`, 'refused-key'],
  ['a good key, and then fails', `process.stdout.write(await make('x')); process.exitCode = 9`, 'failed'],
]

describe.skipIf(process.platform === 'win32')('a program that prints', () => {
  test.each(rubbish)('%s changes nothing: the key stays in use, and it is told why', async (_, code, reason) => {
    hooked = await openHookedServer(code)
    await hooked.grow()
    expect(await hooked.states()).toEqual(['1 active'])
    expect((await hooked.list())[0]?.hook).toMatchObject({ verb: 'rotate', failures: 1, reason })
    expect(await hooked.events('provider-credential-not-rotated')).toMatchObject([{ provider: 'vendor', version: 1, reason, failures: 1 }])
    const asked = await hooked.owner.call('POST', `/api/v1/conversations/${await hooked.owner.newConversation()}/turns`, { text: 'Hello?', model: 'vendor/model-a' })
    expect(asked.status, 'questions are answered with the former key').toBe(200)
    const refused = await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)
    expect(refused.status).toBe(502)
    expect(refused.text).not.toMatch(/sk-|quota|AKIA/)
  }, 60_000)

  test('a key that the provider takes does take over: the same path lets what is right through', async () => {
    hooked = await openHookedServer(`process.stdout.write(await make('x'))`)
    await hooked.grow()
    expect(await hooked.states()).toEqual(['2 active', '1 retiring'])
  }, 60_000)
})
