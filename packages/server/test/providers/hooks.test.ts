import { ProviderCredential, ProviderCredentialList, Turn } from '@sallyport/contract'
import { afterEach, describe, expect, test } from 'vitest'
import { providerCredentials, rotationHooks, waitAfterHook } from '../../src/policy/provider-credentials.ts'
import { HONEST } from '../../src/testing/hook-vendor.ts'
import { FIRST_KEY, KEYS_PATH, openHookedServer, type HookedOptions, type HookedServer } from '../../src/testing/hooked-server.ts'

const DAY = 86_400_000
let hooked: HookedServer
afterEach(async () => { await hooked[Symbol.asyncDispose]() })
const open = async (code: string, options?: HookedOptions) => { hooked = await openHookedServer(code, options); return hooked }

const runDue = () => hooked.server.sallyport.domains.models.hooks.runDue()
const audited = async (action: string) => (await hooked.server.sallyport.database.read.selectFrom('audit_entry').select(['actor', 'detail']).where('action', '=', action).execute()).map(({ actor, detail }) => ({ actor, ...JSON.parse(detail) as object }))
async function ask(): Promise<string> {
  const reply = await hooked.owner.call('POST', `/api/v1/conversations/${await hooked.owner.newConversation()}/turns`, { text: 'Hello?', model: 'vendor/model-a' })
  return reply.status === 200 ? Turn.parse(reply.json).answer.text : reply.text
}

describe.skipIf(process.platform === 'win32')('a key that a program replaces', () => {
  test('is replaced when it is past its interval and not before; the former one is kept, destroyed after its time, and then ended at the provider', async () => {
    await open(`${HONEST}; note([verb, env.SALLYPORT_KEY_ID, env.SALLYPORT_NEW_KEY_ID ?? ''].join(' '))`)
    await runDue()
    expect(await hooked.states(), 'it is young').toEqual(['1 active'])
    const [first] = await hooked.list()
    await hooked.grow()
    expect(await hooked.states()).toEqual(['2 active', '1 retiring'])
    const [second] = await hooked.list()
    expect(await hooked.at.notes()).toEqual([`rotate ${first?.id} ${second?.id}`])
    hooked.at.keys.delete('first')
    expect(await ask(), 'the vendor takes the new one alone').toBe('Hello.')
    expect(await audited('provider-credential-rotated')).toEqual([{ actor: 'server', provider: 'vendor', from: 1, to: 2 }])
    await runDue()
    expect(await hooked.at.notes(), 'nothing is due').toHaveLength(1)
    // The next one: from then on both were made by the program, under the names of their versions.
    await hooked.grow()
    expect(await hooked.states()).toEqual(['3 active', '2 retiring', '1 retiring'])
    expect([...hooked.at.keys.keys()]).toContain(second?.id)
    hooked.server.clock.advance(providerCredentials.retireDays * DAY + 1)
    hooked.owner = await hooked.server.renew(hooked.owner)
    await hooked.server.sallyport.domains.models.credentials.tidy()
    await runDue()
    expect(await hooked.states()).toEqual(['3 active', '2 revoked', '1 revoked'])
    expect((await hooked.at.notes()).slice(2).toSorted()).toEqual([`revoke ${first?.id} `, `revoke ${second?.id} `].toSorted())
    expect([...hooked.at.keys.keys()], 'the vendor takes the newest alone').toEqual([(await hooked.list())[0]?.id])
    expect(await audited('provider-credential-ended-there')).toHaveLength(2)
    expect(await ask()).toBe('Hello.')
    await runDue()
    expect(await hooked.at.notes(), 'told once').toHaveLength(4)
  }, 60_000)

  test('is replaced when somebody who may manage keys asks for it, and for nobody else', async () => {
    await open(HONEST)
    const member = await hooked.server.addAccount('mia')
    expect((await member.call('POST', `${KEYS_PATH}/rotate`)).status).toBe(403)
    expect(await hooked.states()).toEqual(['1 active'])
    const operator = await hooked.server.addAccount('otto', 'operator')
    const made = await operator.call('POST', `${KEYS_PATH}/rotate`)
    expect(made.status, made.text).toBe(200)
    expect(ProviderCredential.parse(made.json)).toMatchObject({ version: 2, state: 'active', hook: null })
    expect(await audited('provider-credential-rotated')).toEqual([{ actor: operator.account.id, provider: 'vendor', from: 1, to: 2 }])
    expect(ProviderCredentialList.parse((await operator.call('GET', KEYS_PATH)).json).hasHook).toBe(true)
  }, 60_000)

  test('is told of and waited with, longer each time, while the program fails; a person may try at once, and what was mended works', async () => {
    await open('process.exit(3)')
    hooked.server.clock.stop()
    await hooked.grow()
    for (const failures of [1, 2, 3]) {
      const [key] = await hooked.list()
      expect(key).toMatchObject({ state: 'active', advice: expect.arrayContaining(['rotate', 'hook-failed']) as unknown, hook: { verb: 'rotate', failures, reason: 'failed' } })
      expect(Date.parse(key?.hook?.nextTryAt ?? '') - hooked.server.clock.now()).toBe(waitAfterHook(failures))
      expect(await hooked.events('provider-credential-not-rotated')).toHaveLength(failures)
      hooked.server.clock.advance(waitAfterHook(failures) - 1)
      await runDue()
      expect((await hooked.list())[0]?.hook?.failures, 'it is not time yet').toBe(failures)
      hooked.server.clock.advance(1)
      await runDue()
    }
    expect(waitAfterHook(2)).toBeGreaterThan(waitAfterHook(1))
    expect(waitAfterHook(100)).toBe(rotationHooks.mostWaitSeconds * 1_000)
    const refused = await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)
    expect(refused.status).toBe(502)
    expect(refused.text).toContain('ended with an error. Nothing was changed.')
    expect(await ask()).toBe('Hello.')
    await hooked.at.program('rotate', HONEST)
    expect((await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)).status).toBe(200)
    expect((await hooked.list())[0]).toMatchObject({ version: 2, advice: ['no-standby'], hook: null })
  }, 60_000)

  test('that was made and not taken is ended at the provider', async () => {
    await open(`if (verb === 'rotate') { await make(env.SALLYPORT_NEW_KEY_ID); process.exit(1) }; ${HONEST}`)
    await hooked.grow()
    expect(hooked.at.keys.size, 'one is left behind').toBe(2)
    await runDue()
    expect(hooked.at.keys.size, 'the program may still run elsewhere').toBe(2)
    hooked.server.clock.advance(waitAfterHook(1))
    await hooked.at.program('rotate', HONEST)
    await runDue()
    expect([...hooked.at.keys.values()]).toEqual([FIRST_KEY, hooked.at.made.at(-1)])
    expect(await hooked.states()).toEqual(['2 active', '1 retiring'])
  }, 60_000)

  test('that the program cannot end at the provider is tried some times and then told of', async () => {
    await open(`if (verb === 'revoke') { note('tried'); process.exit(1) }; ${HONEST}`)
    await hooked.grow()
    const [, first] = await hooked.list()
    expect((await hooked.owner.call('DELETE', `${KEYS_PATH}/${first?.id}`)).status).toBe(204)
    await runDue()
    expect((await hooked.list())[1]).toMatchObject({ state: 'revoked', advice: ['not-revoked-there'], hook: { verb: 'revoke', failures: 1 } })
    for (let tries = 1; tries < rotationHooks.revokeTries; tries += 1) {
      expect(await hooked.events('provider-credential-not-revoked')).toEqual([])
      hooked.server.clock.advance(waitAfterHook(tries))
      await runDue()
    }
    expect(await hooked.events('provider-credential-not-revoked')).toEqual([{ provider: 'vendor', version: 1, keyId: first?.id, reason: 'failed' }])
    hooked.server.clock.advance(rotationHooks.mostWaitSeconds * 1_000)
    await runDue()
    expect(await hooked.at.notes()).toHaveLength(rotationHooks.revokeTries)
  }, 60_000)

  test('is left alone where no program is named for its provider, and where a copy of the store is for something else', async () => {
    await open(`note(verb); ${HONEST}`)
    await hooked.server.restart({ ENVIRONMENT: 'staging' })
    await hooked.grow()
    expect((await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)).status).toBe(409)
    hooked.at.keys.set('staging', 'sk-of-a-copy-for-staging-9z')
    expect((await hooked.owner.call('POST', KEYS_PATH, { credential: 'sk-of-a-copy-for-staging-9z', activate: true })).status).toBe(200)
    await hooked.server.sallyport.database.write([{ query: hooked.server.sallyport.database.read.insertInto('provider_hook_task').values({
      credential_id: (await hooked.list())[1]?.id ?? '', verb: 'revoke', provider_id: (await hooked.server.sallyport.database.read.selectFrom('provider').select('id').executeTakeFirstOrThrow()).id,
      environment: 'production', claim_id: null, claimed_until: null, failures: 0, failure: null, failed_at: null, next_try_at: null,
    }).compile() }])
    expect((await hooked.owner.call('DELETE', `${KEYS_PATH}/${(await hooked.list())[1]?.id}`)).status).toBe(204)
    await runDue()
    expect(await hooked.at.notes(), 'production uses that key').toEqual([])
    await hooked.server.restart({ SECRETS_ROTATION_HOOKS: '{"nobody":{"origin":"https://api.example.org","command":["/bin/true"]}}' })
    hooked.owner = await hooked.server.renew(hooked.owner)
    const refused = await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)
    expect(refused.status).toBe(409)
    expect(refused.text).toContain('secrets.rotationHooks')
    expect((await hooked.server.sallyport.notices()).join('\n')).toContain('secrets.rotationHooks names nobody, and there is no provider of that name')
  }, 60_000)

  test('is not told of as old beside that, for the program does what is told', async () => {
    await open(HONEST)
    hooked.server.clock.advance(providerCredentials.rotateAfterDays * DAY + 1)
    expect(await hooked.server.sallyport.domains.models.remindRotation()).toBe(0)
    await hooked.server.restart({ SECRETS_ROTATION_HOOKS: '{}' })
    expect(await hooked.server.sallyport.domains.models.remindRotation()).toBe(1)
  }, 60_000)
})
