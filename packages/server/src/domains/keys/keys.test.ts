import { KeyRequest, ServiceKeyRequest, type Role } from '@sallyport/contract'
import { expect, test } from 'vitest'
import type * as z from 'zod'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Secret } from '../../kernel/secret.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeWith } from '../../testing/needs.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createAccountStore, createServiceAccounts } from '../accounts/index.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { valueIdOf } from './format.ts'
import { createKeys } from './index.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const HERE = '127.0.0.1'

const movingClock = () => {
  let ahead = 0
  const clock: Clock = { now: () => systemClock.now() + ahead, monotonic: () => systemClock.monotonic() + ahead }
  return { clock, advance: (milliseconds: number) => { ahead += milliseconds } }
}
async function open(store: TestStore, role: Role = 'member') {
  const { clock, advance } = movingClock()
  const serviceAccounts = createServiceAccounts({ store: createAccountStore(store.database), keyRing: store.keyRing, clock })
  const revocations = createSharedRevocations({ database: store.database, clock, onFailure: (error) => { throw error } })
  const keys = createKeys({ database: store.database, keyRing: store.keyRing, clock, serviceAccounts, revocations })
  const id = idLike('acc', 1)
  await store.addAccount(id)
  await store.database.write([{ query: store.database.read.updateTable('account').set({ role }).compile() }])
  const make = (fields: Partial<z.input<typeof KeyRequest>> = {}) => keys.create(callerLike(id, role), KeyRequest.parse({ name: 'laptop', ...fields }))
  /** The key as a token finds it that was traded for the value. */
  const findTraded = (keyId: string, value: string) => keys.findById(keyId, valueIdOf(tokenDigest(value)))
  return { keys, serviceAccounts, revocations, clock, advance, caller: callerLike(id, role), make, findTraded }
}
const codeOf = async (promise: Promise<unknown>) => promise.then(() => 'none', (error: unknown) => (error instanceof ProblemError ? error.code : String(error)))
const events = async ({ database }: TestStore, type: string) => (await database.read.selectFrom('security_event').select(['account_id', 'detail']).where('type', '=', type).execute())
const actions = async ({ database }: TestStore) => (await database.read.selectFrom('audit_entry').select('action').orderBy('sequence').execute()).map(({ action }) => action)

describeEachEngine('API keys', (dialect) => {
  test('a key lives 90 days, as long as it was asked to, or for ever when that was said', async () => {
    await using store = await openTestStore(dialect)
    const { keys, advance, make } = await open(store)
    const [usual, short, endless] = [await make(), await make({ expiresInDays: 1 }), await make({ expiresInDays: null })]
    expect(Date.parse(usual.key.expiresAt ?? '') - Date.parse(usual.key.createdAt)).toBe(90 * DAY)
    expect(endless.key.expiresAt).toBeNull()
    advance(DAY + 1)
    expect(await keys.find(short.value, HERE)).toBeNull()
    expect(await keys.find(usual.value, HERE)).toMatchObject({ id: usual.key.id })
    advance(90 * DAY)
    expect(await keys.find(usual.value, HERE)).toBeNull()
    expect(await keys.find(endless.value, HERE)).toMatchObject({ id: endless.key.id, standing: { role: 'member' }, restriction: null })
  })

  test('after a rotation the new value works, the old one until its grace ends, and both are named', async () => {
    await using store = await openTestStore(dialect)
    const { keys, advance, caller, make } = await open(store)
    const { key, value: old } = await make({ addresses: ['127.0.0.0/8'] })
    await keys.find(old, HERE)
    const { value, key: rotated } = await keys.rotate(caller, key.id, 24)
    expect(rotated).toMatchObject({ id: key.id, start: value.slice(0, 10), formerValues: [{ start: old.slice(0, 10) }] })
    expect(await keys.find(value, HERE)).toMatchObject({ id: key.id, restriction: { limits: {} } })
    expect((await keys.find(old, HERE))?.isAllowedFrom('192.0.2.1')).toBe(false)
    advance(24 * HOUR + 1)
    expect(await keys.find(old, HERE)).toBeNull()
    expect(await keys.find(value, HERE)).toMatchObject({ id: key.id })
    expect((await keys.list(caller, { limit: 5 })).items[0]?.formerValues).toEqual([])
    expect(await actions(store)).toEqual(['key-created', 'key-rotated'])
  })

  test('a rotation without grace ends every earlier value at once, and a revocation all of them', async () => {
    await using store = await openTestStore(dialect)
    const { keys, caller, make, findTraded } = await open(store)
    const { key, value: first } = await make()
    const { value: second } = await keys.rotate(caller, key.id, 24)
    for (const value of [first, second]) expect(await keys.find(value, HERE)).not.toBeNull()
    const { value: third } = await keys.rotate(caller, key.id, 0)
    for (const value of [first, second]) expect(await keys.find(value, HERE)).toBeNull()
    const { value: fourth } = await keys.rotate(caller, key.id, 1)
    for (const value of [third, fourth]) expect(await keys.find(value, HERE)).not.toBeNull()
    await keys.revoke(caller, key.id)
    for (const value of [first, second, third, fourth]) expect(await keys.find(value, HERE)).toBeNull()
    expect(await findTraded(key.id, fourth)).toBeNull()
    expect(await codeOf(keys.rotate(caller, key.id, 0))).toBe('not-found')
  })

  test('what was traded for a value ends with that value, to the moment, and not first with the key', async () => {
    await using store = await openTestStore(dialect)
    const { keys, advance, caller, make, findTraded } = await open(store)
    const { key, value: first } = await make()
    const { key: other } = await make()
    expect(await findTraded(key.id, first)).toMatchObject({ id: key.id, valueId: (await keys.find(first, HERE))?.valueId })
    expect([await findTraded(other.id, first), await keys.findById(key.id, '')]).toEqual([null, null])
    const { value: second, key: { formerValues } } = await keys.rotate(caller, key.id, 1)
    const ends = Date.parse(formerValues[0]?.endsAt ?? '')
    // Asked for twice: the second answer is what is remembered.
    for (let look = 0; look < 2; look += 1) {
      expect(await findTraded(key.id, first)).toMatchObject({ id: key.id, expiresAt: ends })
      expect(await findTraded(key.id, second)).toMatchObject({ id: key.id })
    }
    advance(HOUR)
    expect([await findTraded(key.id, first), await findTraded(key.id, second)]).toMatchObject([null, { id: key.id }])
    const { value: third } = await keys.rotate(caller, key.id, 0)
    expect([await findTraded(key.id, first), await findTraded(key.id, second), await findTraded(key.id, third)]).toMatchObject([null, null, { id: key.id }])
  })

  test('a former value never outlives its key, and there are not many of them', async () => {
    await using store = await openTestStore(dialect)
    const { keys, advance, caller, make } = await open(store)
    const { key, value } = await make({ expiresInDays: 1 })
    advance(12 * HOUR)
    await keys.rotate(caller, key.id, 720)
    advance(13 * HOUR)
    expect(await keys.find(value, HERE)).toBeNull()
    for (let count = 0; count < 3; count += 1) await keys.rotate(caller, key.id, 5)
    expect(await codeOf(keys.rotate(caller, key.id, 5))).toBe('conflict')
    expect(await codeOf(keys.rotate(caller, key.id, 0))).toBe('none')
  })

  test('of many rotations at once exactly one wins', async () => {
    await using store = await openTestStore(dialect)
    const { keys, caller, make } = await open(store)
    const { key } = await make()
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => keys.rotate(caller, key.id, 0)))
    const values = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.value] : []))
    const working = await Promise.all(values.map((value) => keys.find(value, HERE)))
    expect(working.filter((found) => found !== null)).toHaveLength(1)
  })

  test('a key ends with its account: suspended, it opens nothing, and restored it does', async () => {
    await using store = await openTestStore(dialect)
    const { keys, revocations, make } = await open(store)
    const { value } = await make()
    expect(await keys.find(value, HERE)).not.toBeNull()
    const become = async (status: 'active' | 'suspended') => {
      await revocations.revoke({ kind: 'account', accountId: idLike('acc', 1), exceptSessionId: null }, [{ query: store.database.read.updateTable('account').set({ status }).where('id', '=', idLike('acc', 1)).compile() }])
    }
    await become('suspended')
    expect(await keys.find(value, HERE)).toBeNull()
    await become('active')
    expect(await keys.find(value, HERE)).not.toBeNull()
    await store.database.write([{ query: store.database.read.deleteFrom('account').compile() }])
    revocations.announce({ kind: 'everything' })
    expect(await keys.find(value, HERE)).toBeNull()
  })

  test('a change acts at once, replaces what it names and leaves the rest', async () => {
    await using store = await openTestStore(dialect)
    const { keys, caller, make } = await open(store)
    const { key, value } = await make({ scopes: { models: ['openai/gpt'] }, limits: { turnsPerDay: 5 } })
    await keys.find(value, HERE)
    const changed = await keys.change(caller, key.id, { name: 'desk', scopes: { permissions: ['chat:write'] }, addresses: ['::ffff:10.1.2.3/104', '2001:db8::1'] })
    expect(changed).toMatchObject({ name: 'desk', addresses: ['10.0.0.0/8', '2001:db8::1/128'], scopes: { models: ['openai/gpt'], permissions: ['chat:write'] }, limits: { turnsPerDay: 5 } })
    const found = await keys.find(value, '10.9.9.9')
    expect(found?.restriction).toMatchObject({ scopes: { permissions: ['chat:write'] } })
    expect(['10.9.9.9', '::ffff:10.9.9.9', '2001:db8::1', '2001:DB8:0::1'].map((address) => found?.isAllowedFrom(address))).toEqual([true, true, true, true])
    expect(['11.0.0.1', '::ffff:11.0.0.1', '2001:db8::2', '::1', 'unknown', ''].map((address) => found?.isAllowedFrom(address))).toEqual([false, false, false, false, false, false])
    expect(await keys.change(caller, key.id, { addresses: null, scopes: { models: null, permissions: null }, limits: { turnsPerDay: null } })).toMatchObject({ addresses: null })
    expect(await keys.find(value, HERE)).toMatchObject({ restriction: null })
  })

  test('a scope is refused what the role does not have, and what is no operation for keys', async () => {
    await using store = await openTestStore(dialect)
    const { make } = await open(store)
    expect(await codeOf(make({ scopes: { permissions: ['audit:read'] } }))).toBe('invalid-request')
    expect(await codeOf(make({ scopes: { operations: ['createKey'] } }))).toBe('invalid-request')
    expect(await codeOf(make({ scopes: { operations: ['noSuchThing'] } }))).toBe('invalid-request')
    expect(await codeOf(make({ scopes: { operations: ['gatewayChat'], permissions: ['chat:write'] } }))).toBe('none')
  })

  test('what another account has does not exist', async () => {
    await using store = await openTestStore(dialect)
    const { keys, caller, make } = await open(store)
    await store.addAccount(idLike('acc', 2))
    const stranger = callerLike(idLike('acc', 2), 'administrator')
    const { key, value } = await make()
    expect(await codeOf(keys.change(stranger, key.id, { name: 'mine' }))).toBe('not-found')
    expect(await codeOf(keys.rotate(stranger, key.id, 0))).toBe('not-found')
    expect(await codeOf(keys.revoke(stranger, key.id))).toBe('not-found')
    // Nor is a person's key a service's.
    expect(await codeOf(keys.services.change(stranger, key.id, { name: 'mine' }))).toBe('not-found')
    expect(await codeOf(keys.services.rotate(stranger, key.id, 0))).toBe('not-found')
    expect(await codeOf(keys.services.revoke(stranger, key.id))).toBe('not-found')
    expect((await keys.services.list({ limit: 5 })).items).toEqual([])
    expect((await keys.list(caller, { limit: 5 })).items).toMatchObject([{ id: key.id, name: 'laptop' }])
    expect(await keys.find(value, HERE)).not.toBeNull()
  })

  test('last use is told by its network, and at most once a minute', async () => {
    await using store = await openTestStore(dialect)
    const { keys, advance, caller, make } = await open(store)
    const { value } = await make()
    const lastUsed = async () => (await keys.list(caller, { limit: 1 })).items[0]
    await keys.find(value, '::ffff:203.0.113.77')
    await expect.poll(async () => (await lastUsed())?.lastUsedAddress).toBe('203.0.113.0/24')
    const first = (await lastUsed())?.lastUsedAt
    await keys.find(value, '2001:db8:1:2::3')
    expect((await lastUsed())?.lastUsedAt).toBe(first)
    advance(61_000)
    await keys.find(value, '2001:db8:1:2::3')
    await expect.poll(async () => (await lastUsed())?.lastUsedAddress).toBe('2001:db8:1::/48')
  })

  test('an old value is told of once, in lists from then on, and no more after its rotation', async () => {
    await using store = await openTestStore(dialect)
    const { keys, advance, caller, make } = await open(store)
    const { key } = await make({ expiresInDays: null })
    const revoked = await make({ expiresInDays: null })
    await keys.revoke(caller, revoked.key.id)
    await make({ expiresInDays: 30 })
    advance(89 * DAY)
    expect(await keys.remindRotation()).toBe(0)
    advance(DAY)
    expect(await Promise.all([keys.remindRotation(), keys.remindRotation()])).toContain(1)
    expect(await keys.remindRotation()).toBe(0)
    expect(await events(store, 'key-rotation-due')).toEqual([{ account_id: idLike('acc', 1), detail: expect.stringContaining(key.id) }])
    expect((await keys.list(caller, { limit: 5 })).items.find(({ id }) => id === key.id)).toMatchObject({ isRotationDue: true })
    await keys.rotate(caller, key.id, 0)
    expect((await keys.list(caller, { limit: 5 })).items.find(({ id }) => id === key.id)).toMatchObject({ isRotationDue: false })
    advance(90 * DAY)
    expect(await keys.remindRotation()).toBe(1)
  })

  test('a service key acts for an account of its own, with its role and never one above its maker\'s', async () => {
    await using store = await openTestStore(dialect)
    const { keys, caller } = await open(store, 'administrator')
    const { key, value } = await keys.services.create(caller, ServiceKeyRequest.parse({ name: 'nightly', role: 'operator', expiresInDays: null }))
    expect(key.account).toMatchObject({ name: 'nightly', role: 'operator' })
    expect(await keys.find(value, HERE)).toMatchObject({ standing: { accountId: key.account.id, role: 'operator', kind: 'service' } })
    expect((await keys.list(caller, { limit: 5 })).items).toEqual([])
    const operator = callerLike(idLike('acc', 1), 'operator')
    expect(await codeOf(keys.services.create(operator, ServiceKeyRequest.parse({ name: 'rise', role: 'administrator' })))).toBe('not-allowed')
    // An administrator may do all that another one may, and gives the role to nobody; neither to a service that would outlive a demotion.
    expect(await codeOf(keys.services.create(caller, ServiceKeyRequest.parse({ name: 'rise', role: 'administrator' })))).toBe('not-allowed')
    const { key: high } = await keys.services.create(callerLike(idLike('acc', 1), 'owner'), ServiceKeyRequest.parse({ name: 'high', role: 'administrator', expiresInDays: null }))
    expect(await codeOf(keys.services.rotate(caller, high.id, 0))).toBe('not-allowed')
    // An auditor has less than an operator in most, and something that an operator has not.
    expect(await codeOf(keys.services.create(operator, ServiceKeyRequest.parse({ name: 'rise', role: 'auditor' })))).toBe('not-allowed')
    const { value: next } = await keys.services.rotate(caller, key.id, 0)
    expect([await keys.find(value, HERE), (await keys.find(next, HERE))?.id]).toEqual([null, key.id])
    await keys.services.revoke(caller, key.id)
    expect(await keys.find(next, HERE)).toBeNull()
    expect(await actions(store)).toEqual(['service-account-created', 'key-created', 'service-account-created', 'key-created', 'key-rotated', 'key-revoked'])
    expect((await store.database.read.selectFrom('account').select(['kind', 'password_sealed']).where('id', '=', key.account.id).execute())).toEqual([{ kind: 'service', password_sealed: null }])
  })

  test('imported keys work as they are, once, and stay revoked', async () => {
    await using store = await openTestStore(dialect)
    const { keys, caller } = await open(store, 'owner')
    const values = ['a-key-of-the-old-server-0123456789', 'another-key-of-the-old-server-98765'].map((value) => new Secret(value))
    const given = values.map((value) => value.reveal())
    expect(await keys.importKeys([...values, ...values])).toBe(2)
    expect(await keys.importKeys(values)).toBe(0)
    const found = await Promise.all(given.map((value) => keys.find(value, HERE)))
    expect(found).toMatchObject([{ standing: { role: 'member' }, expiresAt: null }, { standing: { role: 'member' } }])
    expect(new Set(found.map((key) => key?.standing.accountId)).size).toBe(1)
    const { items } = await keys.services.list({ limit: 5 })
    expect(JSON.stringify(items)).not.toContain(given[0]?.slice(5))
    await keys.services.revoke(caller, found[0]?.id ?? '')
    expect(await keys.importKeys(values)).toBe(0)
    expect(await keys.find(given[0] ?? '', HERE)).toBeNull()
    expect(await keys.find(given[1] ?? '', HERE)).not.toBeNull()
  })

  test('a day\'s turns and tokens hold for many at once, and come back when a turn used less', async () => {
    await using store = await openTestStore(dialect)
    const { keys, advance, make } = await open(store)
    const { value } = await make({ limits: { turnsPerDay: 10, tokensPerDay: 1_000 } })
    const { id, restriction } = await keys.find(value, HERE) ?? { id: null, restriction: null }
    const caller = { keyId: id, restriction }
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => keys.days.reserve(caller, 50)))
    const held = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' && outcome.value !== null ? [outcome.value] : []))
    expect(held).toHaveLength(10)
    held[0]?.release()
    await expect.poll(() => codeOf(keys.days.reserve(caller, 551))).toBe('too-many-requests')
    // 9 × 50 are held; 550 more fit, once.
    await expect.poll(() => codeOf(keys.days.reserve(caller, 550))).toBe('none')
    expect(await codeOf(keys.days.reserve(caller, 1))).toBe('too-many-requests')
    advance(DAY)
    expect(await codeOf(keys.days.reserve(caller, 1_001))).toBe('too-many-requests')
    const reservation = await keys.days.reserve(caller, 1_000)
    await store.database.write(reservation?.settle(10) ?? [])
    reservation?.release()
    expect(await codeOf(keys.days.reserve(caller, 990))).toBe('none')
    expect(await codeOf(keys.days.reserve(caller, 1))).toBe('too-many-requests')
    expect(await keys.days.reserve({ keyId: id, restriction: null }, 1e9)).toBeNull()
  })
})

describeWith('postgres', 'API keys in several processes (postgres)', () => {
  test('what another process remembers of a value ends when the value is rotated away here', async () => {
    await using store = await openTestStore('postgres')
    const { keys, serviceAccounts, clock, caller, make } = await open(store)
    const revocations = createSharedRevocations({ database: store.database, clock, onFailure: (error) => { throw error } })
    const elsewhere = createKeys({ database: store.database, keyRing: store.keyRing, clock, serviceAccounts, revocations })
    await revocations.listen()
    const { key, value } = await make()
    const find = (of: string) => elsewhere.findById(key.id, valueIdOf(tokenDigest(of)))
    expect(await find(value)).not.toBeNull()
    const { value: next } = await keys.rotate(caller, key.id, 0)
    expect(await find(next)).not.toBeNull()
    await expect.poll(() => find(value), { timeout: 3_000, interval: 20 }).toBeNull()
    expect(await find(next)).not.toBeNull()
    revocations.close()
  })
})
