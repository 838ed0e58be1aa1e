import { once } from 'node:events'
import { EmergencyPlan, EmergencyReport, type EmergencyRequest } from '@sallyport/contract'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { composeEmergency } from '../../src/compose/emergency.ts'
import { loadConfig } from '../../src/config/load.ts'
import { stepAt, totpCode } from '../../src/domains/factors/totp.ts'
import { newId } from '../../src/kernel/ids.ts'
import { callerLike } from '../../src/testing/caller.ts'
import { fromBase32 } from '../../src/testing/open-factors.ts'
import { createPostgresDatabase, type TestDatabase } from '../../src/testing/postgres.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'
import { anotherAddress, askForToken, signInProgram } from '../../src/testing/tokens.ts'

// SEC-11: somebody was in, for days, and took one of everything. One command ends all of it, and its owner gets back in.

const NEW_PASSWORD = 'nine careful orange giraffes'
const WITHIN = { timeout: 1_000, interval: 5 }
const Link = z.object({ link: z.string() })
const tokenOf = (link: string) => link.slice(link.indexOf('#') + 1)

interface Loot {
  /** Everything that may be tried more than once: its status, which is under 300 while it works. */
  readonly uses: Readonly<Record<string, () => Promise<number>>>
  /** What works once: one to try before, as the control, and one to try afterwards. */
  readonly once: Readonly<Record<string, readonly [before: () => Promise<number>, after: () => Promise<number>]>>
}

describeEachEngine('one emergency ends everything that an intruder holds', (dialect) => {
  let postgres: TestDatabase | null = null
  let server: TestServer
  let owner: Person
  beforeAll(async () => {
    postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    server = await openTestServer({ settings: { ...(postgres !== null && { STORE_URL: postgres.url }), LIMITS_RATES: JSON.stringify({ link: 1_000, write: 10_000, 'sign-in': 100 }) } })
    owner = await server.setUpOwner()
    await server.addVendor(owner, 'openai', { script: () => ({ text: Array.from({ length: 3_000 }, (_, index) => `word ${index} `) }), paceMilliseconds: 10 })
  }, 120_000)
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await postgres?.[Symbol.asyncDispose]()
  })

  const post = (path: string, body: unknown) => server.call('POST', path, { body, headers: { origin: server.url }, from: anotherAddress() })
  const get = async (headers: Readonly<Record<string, string>>) => (await server.call('GET', '/api/v1/session', { headers })).status
  const must = async (person: Person, line: string, body?: unknown): Promise<unknown> => {
    const [method = '', path = ''] = line.split(' ')
    const reply = await person.call(method, path, body)
    if (reply.status >= 300) throw new Error(`${line} was answered ${reply.status}: ${reply.text}`)
    return reply.json
  }
  const signIn = async (email: string, password = PASSWORD) => post('/api/v1/session', { email, password })
  const emergencyOf = () => composeEmergency({ ...server.sallyport.domains, database: server.sallyport.database, clock: server.clock, config: loadConfig({}, {}) })
  const request = (changes: Partial<EmergencyRequest> = {}): EmergencyRequest => ({ keepKeys: [], passwords: 'end', factors: 'remove', providers: 'standby', ...changes })

  /** Somebody with an authenticator app, whose sign-ins then wait for a code. */
  async function waiting(name: string): Promise<() => Promise<number>> {
    const person = await server.addAccount(name)
    const { factorId, secret } = z.object({ factorId: z.string(), secret: z.string() }).parse(await must(person, 'POST /api/v1/factors/totp', {}))
    const code = () => totpCode(fromBase32(secret), stepAt(server.clock.now()))
    await must(person, 'POST /api/v1/factors/totp/confirm', { factorId, code: code() })
    server.clock.advance(30_000)
    const { challenge } = z.object({ challenge: z.string() }).parse((await signIn(person.account.email)).json)
    return async () => (await post('/api/v1/session/second-factor', { challenge, code: code() })).status
  }
  async function resetLink(name: string): Promise<() => Promise<number>> {
    const { account } = await server.addAccount(name)
    const { link } = Link.parse(await must(owner, `POST /api/v1/accounts/${account.id}/reset-link`))
    return async () => (await post('/api/v1/password-resets/complete', { token: tokenOf(link), password: NEW_PASSWORD })).status
  }
  async function invitation(email: string): Promise<() => Promise<number>> {
    const { link } = Link.parse(await must(owner, 'POST /api/v1/invitations', { role: 'administrator' }))
    return async () => (await post('/api/v1/invitations/accept', { token: tokenOf(link), email, name: 'Intruder', password: NEW_PASSWORD })).status
  }
  async function refreshToken(person: Person): Promise<() => Promise<number>> {
    const { refresh_token: token } = await signInProgram(server, person)
    return async () => (await askForToken(server, { grant_type: 'refresh_token', refresh_token: token })).status
  }
  /** A token that a thief of the signing key makes for a sign-in that goes on. */
  async function forge(): Promise<(person: Person) => Promise<string>> {
    const { privateKey, id: kid } = await server.sallyport.domains.signingKeys.signer()
    const real = (await signInProgram(server, owner)).access_token
    const claims = z.looseObject({}).parse(JSON.parse(Buffer.from(real.split('.')[1] ?? '', 'base64url').toString('utf8')))
    return async (person) => {
      const at = server.clock.now()
      const id = newId('tokenFamily', at)
      await server.sallyport.database.write([{ query: server.sallyport.database.read.insertInto('token_family').values({ id, account_id: person.account.id, created_at: at, authenticated_at: at, second_factor_at: null, last_seen_at: at, expires_at: at + 86_400_000, device_sealed: null }).compile() }])
      const now = Math.floor(at / 1_000)
      return new SignJWT({ ...claims, sub: person.account.id, sid: id, client_id: id, iat: now, nbf: now, exp: now + 900 }).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid }).sign(privateKey)
    }
  }

  async function plunder(tag: string): Promise<Loot & { readonly stream: { isOver(): boolean; text(): string }; readonly glass: { reader: Person; read(): Promise<number> } }> {
    const victim = await server.addAccount(`victim${tag}`)
    const [reader, read] = [await server.addAccount(`reader${tag}`, 'administrator'), victim.account.id]
    await must(reader, `POST /api/v1/accounts/${read}/conversation-access`, { reason: 'A reason that nobody checked', minutes: 60 })
    const service = z.object({ value: z.string() }).parse(await must(owner, 'POST /api/v1/service-keys', { name: `service${tag}`, role: 'guest' })).value
    const former = await server.addAccount(`former${tag}`)
    await must(former, `POST /api/v1/keys/${former.keyId}/rotate`, { graceHours: 24 })
    const { access_token: access } = await signInProgram(server, victim)
    const traded = z.object({ access_token: z.string() }).parse((await askForToken(server, { grant_type: 'client_credentials', client_id: victim.keyId, client_secret: victim.key })).json).access_token
    const response = await server.begin('POST', '/api/v1/chat', { body: { text: 'Count.', model: 'openai/model-a' }, headers: { cookie: victim.cookie, origin: server.url, accept: 'text/event-stream' } }).response
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
    response.on('error', () => undefined)
    await once(response, 'data')
    return {
      stream: { isOver: () => response.closed || response.complete, text: () => text },
      glass: { reader, read: async () => (await (await server.renew(reader)).call('GET', `/api/v1/accounts/${read}/conversations`)).status },
      uses: {
        'a session': () => get({ cookie: victim.cookie }), 'the owner\'s session': () => get({ cookie: owner.cookie }), 'an API key': () => get({ 'x-api-key': victim.key }), 'the owner\'s API key': () => get({ 'x-api-key': owner.key }),
        'a value of a key that was replaced': () => get({ 'x-api-key': former.key }), 'a key of a service': () => get({ 'x-api-key': service }),
        'an access token': () => get({ authorization: `Bearer ${access}` }), 'an access token that a key was traded for': () => get({ authorization: `Bearer ${traded}` }),
        'a password': async () => (await signIn(victim.account.email)).status,
      },
      once: {
        'a link to a new password': [await resetLink(`reset-a${tag}`), await resetLink(`reset-b${tag}`)],
        'an invitation': [await invitation(`a${tag}@intruders.example`), await invitation(`b${tag}@intruders.example`)],
        'a refresh token': [await refreshToken(victim), await refreshToken(victim)],
        'a sign-in that waits for its second factor': [await waiting(`waiting-a${tag}`), await waiting(`waiting-b${tag}`)],
      },
    }
  }
  const expectAll = async ({ uses }: Loot, works: boolean) => {
    for (const [what, use] of Object.entries(uses)) expect((await use()) < 300, `${what} ${works ? 'works' : 'is refused'}`).toBe(works)
  }
  /** The owner sets a new password with the link of the report, and signs in. */
  async function enter(link: string): Promise<void> {
    expect((await signIn(owner.account.email)).status).toBe(401)
    expect((await post('/api/v1/password-resets/complete', { token: tokenOf(link), password: PASSWORD })).status).toBe(204)
    const entered = await signIn(owner.account.email)
    expect(entered.status, entered.text).toBe(200)
    owner = await server.renew(owner)
  }

  test('all of it works before, nothing of it does within a second, and the owner is back in', async () => {
    const { database, domains } = server.sallyport
    const loot = await plunder('-one')
    const forged = await forge()
    // The control: what the intruder holds, they can use; looking at the plan ends nothing of it.
    for (const [what, [before]] of Object.entries(loot.once)) expect(await before(), what).toBeLessThan(300)
    const plan = EmergencyPlan.parse(await must(owner, 'GET /api/v1/emergency'))
    expect(plan.holds).toMatchObject({ openings: 1, links: expect.any(Number), waiting: expect.any(Number), factors: expect.any(Number) })
    for (const [what, count] of Object.entries(plan.holds)) if (what !== 'identities') expect(count, what).toBeGreaterThan(0)
    await expectAll(loot, true)
    expect(await get({ authorization: `Bearer ${await forged(owner)}` })).toBe(200)
    expect(await loot.glass.read()).toBe(200)
    expect(loot.stream.isOver()).toBe(false)

    const reply = await owner.call('POST', '/api/v1/emergency', {})
    expect(reply.status, reply.text).toBe(200)
    const report = EmergencyReport.parse(reply.json)
    await vi.waitFor(() => { expect(loot.stream.isOver()).toBe(true) }, WITHIN)
    expect(loot.stream.text()).toContain('not-signed-in')
    await expectAll(loot, false)
    for (const [what, [, after]] of Object.entries(loot.once)) expect(await after(), what).toBeGreaterThanOrEqual(400)
    // A thief of the signing key makes no token any more, not even for somebody who is signed in now.
    expect(await get({ authorization: `Bearer ${await forged(owner)}` })).toBe(401)
    expect(await loot.glass.read()).toBe(403)
    expect(await database.read.selectFrom('factor').select('id').execute()).toEqual([])
    expect(await database.read.selectFrom('known_device').select('seen_at').execute()).toEqual([])

    expect(report).toMatchObject({ ended: { openings: 1 }, keptKeys: 0, resetLink: { link: expect.stringContaining('/reset#') } })
    expect(report.left.length).toBeGreaterThan(3)
    await domains.dataKeys.settled()
    const run = (await domains.dataKeys.progress()).last
    expect(run).toMatchObject({ endedAt: expect.any(String), valuesBroken: 0 })
    expect(run?.ownersDone).toBe(run?.owners)
    const audited = await database.read.selectFrom('audit_entry').select('action').where('action', 'in', ['emergency-run', 'signing-key-rotated', 'data-key-rotation-begun', 'data-keys-rotated']).execute()
    expect(new Set(audited.map(({ action }) => action)).size).toBe(4)
    expect(await database.read.selectFrom('security_event').select(['severity']).where('type', '=', 'emergency-run').execute()).toEqual([{ severity: 'high' }])
    await enter(report.resetLink?.link ?? '')
  }, 120_000)

  test('run again after it was cut off between its parts, it does what is missing, and the owner still gets in', async () => {
    const { domains, database } = server.sallyport
    const loot = await plunder('-two')
    const caller = callerLike(owner.account.id, 'owner')
    const cut = composeEmergency({ ...domains, database, clock: server.clock, config: loadConfig({}, {}), signingKeys: { ...domains.signingKeys, rotate: () => Promise.reject(new Error('The process ended here.')) } })
    await expect(cut.run(caller, request())).rejects.toThrow('ended here')
    await expectAll(loot, false)
    const report = await emergencyOf().run(caller, request())
    expect(report.resetLink).not.toBeNull()
    await domains.dataKeys.settled()
    await enter(report.resetLink?.link ?? '')
  }, 120_000)

  test('of the keys of a provider the one that stands by takes over and former ones are destroyed; or the provider goes with all of them', async () => {
    const { database, domains } = server.sallyport
    const caller = callerLike(owner.account.id, 'owner')
    await server.addVendor(owner, 'anthropic')
    await domains.models.credentials.add(caller, 'anthropic', { credential: 'sk-ant-of-tests-that-stands-by-2b' })
    const versions = async () => (await database.read.selectFrom('provider_credential').innerJoin('provider', 'provider.id', 'provider_credential.provider_id').where('provider.name', '=', 'anthropic').select(['version', 'state', 'provider_credential.credential_sealed']).orderBy('version').execute()).map(({ version, state, credential_sealed }) => [version, state, credential_sealed !== null])
    expect(await versions()).toEqual([[1, 'active', false], [2, 'standby', true]])
    const { providers } = await emergencyOf().run(caller, request({ passwords: 'keep' }))
    expect(providers).toEqual({ moved: ['anthropic'], removed: [], left: ['openai'] })
    expect(await versions()).toEqual([[1, 'revoked', false], [2, 'active', false]])
    const again = await emergencyOf().run(caller, request({ passwords: 'keep', providers: 'remove' }))
    expect(again.providers).toEqual({ moved: [], removed: ['anthropic', 'openai'], left: [] })
    expect(await versions()).toEqual([])
    await domains.dataKeys.settled()
  }, 120_000)

  test('what is to be kept is kept: a key by its present value alone, passwords that then have to be changed, and factors', async () => {
    const person = await server.addAccount('kept')
    const { value } = z.object({ value: z.string() }).parse(await must(person, `POST /api/v1/keys/${person.keyId}/rotate`, { graceHours: 24 }))
    const unknown = emergencyOf().run(callerLike(owner.account.id, 'owner'), request({ keepKeys: [`key_${'0'.repeat(32)}`] }))
    await expect(unknown).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await get({ cookie: person.cookie })).toBe(200)
    const report = await emergencyOf().run(callerLike(owner.account.id, 'owner'), request({ keepKeys: [person.keyId], passwords: 'change', factors: 'keep', providers: 'keep' }))
    expect(report).toMatchObject({ keptKeys: 1, resetLink: null, ended: { factors: 0, passwords: expect.any(Number) } })
    expect([await get({ 'x-api-key': value }), await get({ 'x-api-key': person.key }), await get({ cookie: person.cookie })]).toEqual([200, 401, 401])
    const entered = await signIn(person.account.email)
    expect(entered.status).toBe(200)
    const cookie = (entered.headers['set-cookie'] ?? '').split(';')[0] ?? ''
    expect(await server.call('GET', '/api/v1/models', { headers: { cookie } })).toMatchObject({ status: 403, json: { code: 'password-change-needed' } })
    await server.sallyport.domains.dataKeys.settled()
  }, 120_000)
})
