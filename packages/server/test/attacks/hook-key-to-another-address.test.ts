import { afterEach, expect, test } from 'vitest'
import { HONEST, startHookVendor, type HookVendor } from '../../src/testing/hook-vendor.ts'
import { FIRST_KEY, KEYS_PATH, openHookedServer, type HookedServer } from '../../src/testing/hooked-server.ts'

// The attack: whoever may save providers removes one for which a program makes keys, saves another of its name at an address of their own, and has a key made.

let hooked: HookedServer
let theirs: HookVendor
afterEach(async () => {
  await hooked[Symbol.asyncDispose]()
  await theirs[Symbol.asyncDispose]()
})

test('a key that a program makes goes to the address that the configuration names, and to no provider of the name elsewhere', async () => {
  hooked = await openHookedServer(`note('ran'); ${HONEST}`)
  theirs = await startHookVendor(FIRST_KEY)
  const { owner, server, at } = hooked
  const save = (baseUrl: string) => owner.call('PUT', '/api/v1/providers/vendor', { adapter: 'openai-compatible', baseUrl, credential: FIRST_KEY, allowPrivateAddress: true })
  expect((await owner.call('DELETE', '/api/v1/providers/vendor')).status).toBe(204)
  expect((await save(theirs.vendor.baseUrl)).status).toBe(200)
  const refused = await owner.call('POST', `${KEYS_PATH}/rotate`)
  expect([refused.status, (refused.json as { detail: string }).detail]).toEqual([409, expect.stringContaining(`makes them for ${new URL(at.vendor.baseUrl).origin}`)])
  await hooked.grow()
  expect([await at.notes(), await hooked.states()]).toEqual([[], ['1 active']])
  expect((await server.sallyport.notices()).join('\n')).toContain('secrets.rotationHooks names vendor, and it is not at')
  expect(theirs.vendor.requests.map(({ headers }) => headers['authorization']).filter((value) => value !== `Bearer ${FIRST_KEY}`)).toEqual([])
  // The negative control: at its own address it is made.
  hooked.owner = await server.renew(hooked.owner)
  expect((await hooked.owner.call('DELETE', '/api/v1/providers/vendor')).status).toBe(204)
  expect((await hooked.owner.call('PUT', '/api/v1/providers/vendor', { adapter: 'openai-compatible', baseUrl: at.vendor.baseUrl, credential: FIRST_KEY, allowPrivateAddress: true })).status).toBe(200)
  expect((await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)).status).toBe(200)
  expect(await at.notes()).toEqual(['ran'])
}, 60_000)
