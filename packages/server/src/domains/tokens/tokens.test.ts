import { jwtVerify, createLocalJWKSet } from 'jose'
import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { accessTokenLife } from '../../policy/limits.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { SERVER_KEYS } from '../secrets/index.ts'
import { createAccessTokens, createFamilies, createFamilyStore, createSigningKeys } from './index.ts'

const DAY = 86_400_000
const ACCOUNT = idLike('acc', 1)
const FAMILY = idLike('tok', 1)
const names = { issuer: 'urn:sallyport:test', audience: 'urn:sallyport:test:api', lifeSeconds: accessTokenLife.seconds }

const movingClock = () => {
  let ahead = 0
  const clock: Clock = { now: () => systemClock.now() + ahead, monotonic: () => systemClock.monotonic() + ahead }
  return { clock, advance: (milliseconds: number) => { ahead += milliseconds } }
}
async function open(store: TestStore) {
  const { clock, advance } = movingClock()
  const serverSealer = await store.keyRing.ensure(SERVER_KEYS)
  const revocations = createSharedRevocations({ database: store.database, clock, onFailure: (error) => { throw error } })
  const shared = { database: store.database, clock, revocations }
  const newSigningKeys = () => createSigningKeys({ ...shared, serverSealer, rotationDays: 90 })
  const signingKeys = newSigningKeys()
  const families = createFamilies({ ...shared, store: createFamilyStore(store.database), keyRing: store.keyRing, life: { idleDays: 7, days: 30 } })
  await store.addAccount(ACCOUNT)
  await signingKeys.rotateIfDue()
  const caller = callerLike(ACCOUNT, 'member')
  const begin = async () => {
    const family = await families.begin(caller, ACCOUNT, { authenticatedAt: clock.now(), secondFactorAt: null })
    if (family === null) throw new Error('No family was begun.')
    return family
  }
  return { clock, advance, revocations, signingKeys, newSigningKeys, families, caller, begin, accessTokens: createAccessTokens({ clock, signingKeys, revocations, ...names }) }
}
const rowsOf = async ({ database }: TestStore) => ({
  events: (await database.read.selectFrom('security_event').select(['type', 'severity', 'account_id']).execute()),
  audits: (await database.read.selectFrom('audit_entry').select(['action', 'outcome']).orderBy('sequence').execute()),
})

describeEachEngine('families of refresh tokens', (dialect) => {
  test('each token works once and gives the next, and no value is stored', async () => {
    await using store = await openTestStore(dialect)
    const { families, caller, begin } = await open(store)
    const first = await begin()
    const second = await families.rotate(caller, first.refreshToken)
    const third = await families.rotate(caller, second?.refreshToken ?? '')
    expect(new Set([first.refreshToken, second?.refreshToken, third?.refreshToken]).size).toBe(3)
    expect(third).toMatchObject({ id: first.id, standing: { accountId: ACCOUNT, role: 'member' } })
    const stored = JSON.stringify(await store.database.read.selectFrom('refresh_token').selectAll().execute())
    expect(stored).not.toContain(third?.refreshToken.slice(4))
  })

  test('a second use ends the whole family, with one alert and one audit row, however often it is tried', async () => {
    await using store = await openTestStore(dialect)
    const { families, caller, begin } = await open(store)
    const [first, other] = [await begin(), await begin()]
    const second = await families.rotate(caller, first.refreshToken)
    for (let tries = 0; tries < 3; tries += 1) expect(await families.rotate(caller, first.refreshToken)).toBeNull()
    expect(await families.rotate(caller, second?.refreshToken ?? '')).toBeNull()
    expect(await families.find(first.id)).toBeNull()
    expect(await families.find(other.id)).not.toBeNull()
    const { events, audits } = await rowsOf(store)
    expect(events).toEqual([{ type: 'refresh-token-reused', severity: 'high', account_id: ACCOUNT }])
    expect(audits.filter(({ outcome }) => outcome === 'refused')).toEqual([{ action: 'token-family-ended', outcome: 'refused' }])
  })

  test('of 200 uses at once exactly one gets the next token, and the family ends', async () => {
    await using store = await openTestStore(dialect)
    const { families, caller, begin } = await open(store)
    const { id, refreshToken } = await begin()
    const given = (await Promise.all(Array.from({ length: 200 }, () => families.rotate(caller, refreshToken)))).filter((family) => family !== null)
    expect(given).toHaveLength(1)
    expect(await families.find(id)).toBeNull()
    expect(await families.rotate(caller, given[0]?.refreshToken ?? '')).toBeNull()
    expect((await rowsOf(store)).events).toHaveLength(1)
  }, 60_000)

  test('a family ends when it is not used for its idle life, and at the end of its absolute life in any case', async () => {
    await using store = await openTestStore(dialect)
    const { families, caller, advance, begin } = await open(store)
    const idle = await begin()
    let busy = await begin()
    for (let day = 0; day < 30; day += 5) {
      expect(await families.find(busy.id)).not.toBeNull()
      busy = await families.rotate(caller, busy.refreshToken) ?? busy
      advance(5 * DAY)
    }
    expect(await families.rotate(caller, idle.refreshToken)).toBeNull()
    expect(await families.find(idle.id)).toBeNull()
    advance(1_000)
    expect(await families.find(busy.id)).toBeNull()
    expect(await families.rotate(caller, busy.refreshToken)).toBeNull()
  })
})

describeEachEngine('signing keys', (dialect) => {
  test('of processes that make the first key at once, all use one', async () => {
    await using store = await openTestStore(dialect)
    const { newSigningKeys } = await open(store)
    await store.database.write([{ query: store.database.read.deleteFrom('signing_key').compile() }])
    const processes = Array.from({ length: 8 }, newSigningKeys)
    await Promise.all(processes.map((keys) => keys.rotateIfDue()))
    const signers = await Promise.all(processes.map((keys) => keys.signer()))
    expect(new Set(signers.map(({ id }) => id)).size).toBe(1)
    expect(await store.database.read.selectFrom('signing_key').select('id').execute()).toHaveLength(1)
  })

  test('a key is replaced when its time has come, and not before; its tokens hold to their end, and no longer', async () => {
    await using store = await openTestStore(dialect)
    const { signingKeys, accessTokens, advance } = await open(store)
    const { id } = await signingKeys.signer()
    advance(89 * DAY)
    await signingKeys.rotateIfDue()
    expect((await signingKeys.signer()).id).toBe(id)
    const { token } = await accessTokens.make({ accountId: ACCOUNT, sid: FAMILY })
    advance(DAY)
    // The clock is a day on: a token of just now instead.
    const late = await accessTokens.make({ accountId: ACCOUNT, sid: FAMILY })
    await signingKeys.rotateIfDue()
    const next = await signingKeys.signer()
    expect(next.id).not.toBe(id)
    expect((await signingKeys.published()).map(({ kid }) => kid)).toEqual([next.id, id])
    expect(await accessTokens.check(token)).toBeNull()
    expect(await accessTokens.check(late.token)).toMatchObject({ sub: ACCOUNT, sid: FAMILY })
    advance(accessTokenLife.seconds * 1_000 + 130_000)
    expect((await signingKeys.published()).map(({ kid }) => kid)).toEqual([next.id])
    expect(await accessTokens.check(late.token)).toBeNull()
  })

  test('a stolen key can be ended at once, in this process and in another', async () => {
    await using store = await openTestStore(dialect)
    const { signingKeys, accessTokens, caller, newSigningKeys, clock, revocations } = await open(store)
    const elsewhere = createAccessTokens({ clock, signingKeys: newSigningKeys(), revocations, ...names })
    const { token } = await accessTokens.make({ accountId: ACCOUNT, sid: FAMILY })
    expect(await accessTokens.check(token)).not.toBeNull()
    expect(await elsewhere.check(token)).not.toBeNull()
    await signingKeys.rotate(caller, true)
    expect(await accessTokens.check(token)).toBeNull()
    expect(await elsewhere.check(token)).toBeNull()
    expect(await signingKeys.published()).toHaveLength(1)
  })

  test('others verify with the published set, and no private part is stored in the clear', async () => {
    await using store = await openTestStore(dialect)
    const { signingKeys, accessTokens } = await open(store)
    const { token } = await accessTokens.make({ accountId: ACCOUNT, sid: FAMILY })
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: await signingKeys.published() }), { issuer: names.issuer, audience: names.audience })
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: (await signingKeys.signer()).id })
    expect(Object.keys(payload).toSorted()).toEqual(['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sid', 'sub'])
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900)
    const raw = (await signingKeys.signer()).privateKey.export({ format: 'jwk' })
    const [row] = await store.database.read.selectFrom('signing_key').selectAll().execute()
    const der = (await signingKeys.signer()).privateKey.export({ format: 'der', type: 'pkcs8' })
    expect(Buffer.from(row?.private_sealed ?? '').includes(der.toString('base64'))).toBe(false)
    expect(row?.public_key).not.toContain(raw.d)
  })
})
