import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLocalVault } from '../../adapters/key-vault/shared/local-key.ts'
import type { Dialect } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { openScope } from '../../kernel/scope.ts'
import { ROOT_VERSION, SealBroken, sealedVersion } from '../../kernel/seal.ts'
import { dataKeyRotation } from '../../policy/data-keys.ts'
import { rolePermissions } from '../../policy/roles.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { createDataKeyRotation, createKeyRing, SERVER_KEYS } from './index.ts'
import { createRotateSteps } from './rotate.ts'
import { createRotationStore } from './rotation-store.ts'
import { createSealedValues } from './sealed-values-store.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: (fields: unknown, event: string) => { throw new Error(`${event} ${JSON.stringify(fields)}`) } }
const caller: Caller = { scope: openScope('acc_1'), role: 'owner', permissions: rolePermissions.owner, credential: { kind: 'session', id: 'ses' }, sessionId: null, authenticatedAt: 0, secondFactorAt: null, hasSecondFactor: false, pending: null, isCheckedHuman: false, keyId: null, restriction: null, expiresAt: 0, address: '', userAgent: '', deviceToken: null }
const HOUR = dataKeyRotation.retireAfterSeconds * 1_000 + 1

/** A store with a ring that hears of its own rotations, as a server has it. */
async function open(dialect: Dialect) {
  const store = await openTestStore(dialect)
  const { database } = store
  const clock = createTestClock()
  const vault = createLocalVault(randomBytes(32))
  const revocations = createSharedRevocations({ database, clock, onFailure: (error) => { throw error } })
  const ringOf = () => {
    const ring = createKeyRing(database, vault, clock)
    ring.listenTo({ subscribe: revocations.subscribe, isHearing: () => true }, (error) => { throw error })
    return ring
  }
  const keyRing = ringOf()
  const backups = { oldest: null as number | null }
  const rotationOver = (ring: typeof keyRing) => createDataKeyRotation({ database, keyRing: ring, clock, log: quiet, revocations, hasBackupFrom: (at) => Promise.resolve(backups.oldest !== null && backups.oldest <= at), rotationDays: 30 })
  const rotation = rotationOver(keyRing)
  const addAccount = async (id: string, messages: number) => {
    const { sealer, step } = await keyRing.create(id)
    const place = (table: string, rowId: string, column: string) => ({ table, rowId, column })
    await database.write([
      step,
      { query: database.read.insertInto('account').values({ id, name_sealed: sealer.seal(place('account', id, 'name_sealed'), id), role: 'member', password_sealed: null, created_at: 1, email_lookup: randomBytes(32), email_sealed: sealer.seal(place('account', id, 'email_sealed'), `${id}@example.org`) }).compile() },
      { query: database.read.insertInto('conversation').values({ id: `con_${id}`, account_id: id, model: 'm', created_at: 1, updated_at: 1, pseudonyms_sealed: null, title_sealed: sealer.seal(place('conversation', `con_${id}`, 'title_sealed'), 'title') }).compile() },
      ...Array.from({ length: messages }, (_, index) => {
        const row = idLike(`msg_${id.slice(4)}`, index)
        return { query: database.read.insertInto('message').values({
          id: row, conversation_id: `con_${id}`, account_id: id, turn_id: row, role: 'user' as const, status: 'complete' as const, model: 'm', citations_sealed: null, notices: '[]', rating: null, created_at: 1,
          text_sealed: sealer.seal(place('message', row, 'text_sealed'), `text ${index} of ${id}`), comment_sealed: index % 2 === 0 ? null : sealer.seal(place('message', row, 'comment_sealed'), 'fine'),
        }).compile() }
      }),
    ])
  }
  const messagesOf = (id: string) => database.read.selectFrom('message').select(['id', 'text_sealed', 'comment_sealed']).where('account_id', '=', id).orderBy('id').execute()
  const versionsOf = async (id: string) => (await database.read.selectFrom('data_key').select('version').where('owner_id', '=', id).orderBy('version').execute()).map(({ version }) => version)
  return { ...store, clock, keyRing, ringOf, rotation, rotationOver, backups, addAccount, messagesOf, versionsOf }
}

describeEachEngine('rotation of data keys', (dialect) => {
  test('seals every value anew, and everything opens before, meanwhile and afterwards with the sealers that were there', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 250)
    await store.addAccount('acc_2', 3)
    await store.keyRing.ensure(SERVER_KEYS)
    const held = await store.keyRing.sealerOf('acc_1')
    const [serverKey, wordKey] = [(await store.keyRing.sealerOf(SERVER_KEYS)).derive('look-up').export().toString('hex'), held.derive('words').export().toString('hex')]
    await store.rotation.begin(caller, {})
    await store.rotation.settled()

    const rows = await store.messagesOf('acc_1')
    expect(rows).toHaveLength(250)
    expect(new Set(rows.flatMap(({ text_sealed, comment_sealed }) => [sealedVersion(text_sealed), ...(comment_sealed === null ? [] : [sealedVersion(comment_sealed)])]))).toEqual(new Set([2]))
    for (const [index, { id, text_sealed }] of rows.entries()) expect(held.open({ table: 'message', rowId: id, column: 'text_sealed' }, text_sealed)).toBe(`text ${index} of acc_1`)
    expect(await store.rotation.progress()).toMatchObject({ last: { owners: 3, ownersDone: 3, valuesDone: 250 + 125 + 4 + 5 + 1, valuesBroken: 0, endedAt: expect.any(String) }, waiting: 0, resealing: 0, settling: 3, versionsInUse: 6, versionsRetired: 0 })

    // What is derived stays, also when the first version is gone.
    store.clock.advance(HOUR)
    await store.rotation.look()
    expect(await store.rotation.progress()).toMatchObject({ settling: 0 })
    store.clock.advance(1)
    await store.rotation.look()
    expect(await store.versionsOf('acc_1')).toEqual([ROOT_VERSION, 2])
    const fresh = store.ringOf()
    expect([(await fresh.sealerOf(SERVER_KEYS)).derive('look-up').export().toString('hex'), (await fresh.sealerOf('acc_1')).derive('words').export().toString('hex')]).toEqual([serverKey, wordKey])
    expect(held.derive('words').export().toString('hex')).toBe(wordKey)
    expect((await fresh.sealerOf('acc_1')).open({ table: 'message', rowId: rows[0]?.id ?? '', column: 'text_sealed' }, rows[0]?.text_sealed ?? new Uint8Array())).toBe('text 0 of acc_1')
  })

  test('of one account leaves all others as they are, and one without a key is not found', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 2)
    await store.addAccount('acc_2', 2)
    await store.rotation.begin(caller, { accountId: 'acc_1' })
    await store.rotation.settled()
    expect(await store.versionsOf('acc_1')).toEqual([ROOT_VERSION, 1, 2])
    expect(await store.versionsOf('acc_2')).toEqual([1])
    expect((await store.messagesOf('acc_2')).map(({ text_sealed }) => sealedVersion(text_sealed))).toEqual([1, 1])
    await expect(store.rotation.begin(caller, { accountId: 'acc_9' })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a version is known to every process before one seals with it, and a process that heard of it opens what the other sealed', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 1)
    const other = await store.ringOf().sealerOf('acc_1')
    await store.rotation.begin(caller, { accountId: 'acc_1' })
    await store.rotation.settled()
    const place = { table: 'message', rowId: 'msg_x', column: 'text_sealed' }
    const mine = (await store.keyRing.sealerOf('acc_1')).seal(place, 'new')
    expect(sealedVersion(mine)).toBe(2)
    expect(other.open(place, mine)).toBe('new')
  })

  test('a version stays while a row needs it, and a version that a row turns out to need comes back', async () => {
    await using store = await open(dialect)
    const { database } = store
    await store.addAccount('acc_1', 2)
    const old = (await store.messagesOf('acc_1'))[0]
    await store.rotation.begin(caller, { accountId: 'acc_1' })
    await store.rotation.settled()
    store.clock.advance(HOUR)
    store.backups.oldest = 0
    await store.rotation.look()
    expect((await store.rotation.progress()).versionsRetired).toBe(1)
    const put = (sealed: Uint8Array) => database.write([{ query: database.read.updateTable('message').set({ text_sealed: sealed }).where('id', '=', old?.id ?? '').compile(), expectRows: 1 }])
    const held = await store.keyRing.sealerOf('acc_1')
    const place = { table: 'message', rowId: old?.id ?? '', column: 'text_sealed' }
    // A batch that another process had prepared long ago, written only now.
    await put(old?.text_sealed ?? new Uint8Array())
    expect(() => held.open(place, old?.text_sealed ?? new Uint8Array())).toThrow(SealBroken)
    store.clock.advance(1)
    await store.rotation.look()
    expect(held.open(place, (await store.messagesOf('acc_1'))[0]?.text_sealed ?? new Uint8Array())).toBe('text 0 of acc_1')
    expect((await store.messagesOf('acc_1')).map(({ text_sealed }) => sealedVersion(text_sealed))).toEqual([2, 2])
  })

  test('a retired version stays, wrapped, while a backup may need it, and is destroyed with the last of them', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 2)
    store.backups.oldest = store.clock.now()
    await store.rotation.begin(caller, { accountId: 'acc_1' })
    await store.rotation.settled()
    for (let day = 0; day < 3; day += 1) { store.clock.advance(HOUR); await store.rotation.look() }
    expect(await store.versionsOf('acc_1')).toEqual([ROOT_VERSION, 1, 2])
    expect((await store.keyRing.rawKeys('acc_1')).keys.has(1)).toBe(false)
    store.backups.oldest = store.clock.now() + 1
    await store.rotation.look()
    expect(await store.versionsOf('acc_1')).toEqual([ROOT_VERSION, 2])
  })

  test('a value that does not open is counted, keeps its version, and does not hold up the others for ever', async () => {
    await using store = await open(dialect)
    const { database } = store
    await store.addAccount('acc_1', 5)
    const [first] = await store.messagesOf('acc_1')
    const damaged = Buffer.from(first?.text_sealed ?? [])
    damaged[20] = (damaged[20] ?? 0) ^ 1
    await database.write([{ query: database.read.updateTable('message').set({ text_sealed: damaged }).where('id', '=', first?.id ?? '').compile(), expectRows: 1 }])
    await store.rotation.begin(caller, { accountId: 'acc_1' })
    await store.rotation.settled()
    for (let day = 0; day < 3; day += 1) { store.clock.advance(HOUR); await store.rotation.look() }
    const { last, ...rest } = await store.rotation.progress()
    expect(last?.valuesBroken).toBeGreaterThan(0)
    expect(rest).toMatchObject({ waiting: 0, resealing: 0, settling: 0, versionsInUse: 2, versionsRetired: 0 })
    expect(await database.read.selectFrom('key_rotation_run').selectAll().execute()).toHaveLength(1)
  })

  test('two processes at one rotation share the work and neither undoes the other', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 450)
    await store.addAccount('acc_2', 120)
    const second = store.rotationOver(store.ringOf())
    await store.rotation.begin(caller, {})
    await Promise.all([second.look(), store.rotation.settled()])
    await store.rotation.look()
    for (const id of ['acc_1', 'acc_2']) {
      const sealer = await store.ringOf().sealerOf(id)
      for (const [index, row] of (await store.messagesOf(id)).entries()) {
        expect(sealedVersion(row.text_sealed)).toBe(2)
        expect(sealer.open({ table: 'message', rowId: row.id, column: 'text_sealed' }, row.text_sealed)).toBe(`text ${index} of ${id}`)
      }
    }
    expect(await store.versionsOf('acc_1')).toEqual([ROOT_VERSION, 1, 2])
  })

  test('an account that is erased meanwhile gets no key again', async () => {
    await using store = await open(dialect)
    const { database } = store
    await store.addAccount('acc_1', 5)
    await database.write([{ query: database.read.insertInto('key_rotation_run').values({ id: 'rot_1', begun_at: 1, ended_at: null, owners: 1, owners_done: 0, values_done: 0, values_broken: 0 }).compile() },
      { query: database.read.insertInto('key_rotation').values({ owner_id: 'acc_1', run_id: 'rot_1', stage: 'planned', version: 0, position: 0, after_row: '', steps: 0, at: 1 }).compile() },
      store.keyRing.destroyStep('acc_1')])
    await store.rotation.look()
    expect(await store.versionsOf('acc_1')).toEqual([])
    expect(await database.read.selectFrom('key_rotation').selectAll().execute()).toEqual([])
  })

  test('begins by itself when the server\'s own key is old, and once', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 1)
    await store.keyRing.ensure(SERVER_KEYS)
    await store.rotation.look()
    expect((await store.rotation.progress()).last).toBeNull()
    store.clock.advance(30 * 86_400_000)
    await store.rotation.look()
    await store.rotation.look()
    expect((await store.rotation.progress()).last).toMatchObject({ owners: 2, ownersDone: 2 })
    expect(await store.database.read.selectFrom('key_rotation_run').selectAll().execute()).toHaveLength(1)
  })

  test('that would replace nothing is refused, and says until when', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 1)
    await store.rotation.request(caller, {})
    await store.rotation.settled()
    const { settledAt } = await store.rotation.progress()
    expect(Date.parse(settledAt ?? '') - store.clock.now()).toBeGreaterThan(3_500_000)
    for (const request of [{}, { accountId: 'acc_1' }]) await expect(store.rotation.request(caller, request)).rejects.toMatchObject({ code: 'conflict', detail: expect.stringContaining(`settle until ${settledAt}`) })
    await expect(store.rotation.request(caller, { accountId: 'acc_9' })).rejects.toMatchObject({ code: 'not-found' })
    // Whoever came since is served.
    await store.addAccount('acc_2', 1)
    expect((await store.rotation.request(caller, {})).last).toMatchObject({ owners: 1 })
    await store.rotation.settled()
    store.clock.advance(2 * HOUR)
    await store.rotation.look()
    expect((await store.rotation.request(caller, { accountId: 'acc_1' })).last).toMatchObject({ owners: 1 })
    await store.rotation.settled()
  })

  test('of an emergency replaces also what a rotation replaced a moment ago, and what one is replacing at any of its stages', async () => {
    await using store = await open(dialect)
    const { database, clock, keyRing } = store
    const rotations = createRotationStore(database)
    const steps = createRotateSteps({ database, store: rotations, values: createSealedValues(database), keyRing, clock, revoke: (_, write) => database.write(write) })
    for (const id of ['acc_1', 'acc_2', 'acc_3', 'acc_4']) await store.addAccount(id, 3)
    const only = async (stage: 'planned' | 'known', id: string) => {
      const rotation = (await rotations.rotations(stage, 10)).find(({ owner_id }) => owner_id === id)
      if (rotation === undefined) throw new Error(`${id} is not ${stage}.`)
      return rotation
    }
    const sealedWith = async (id: string) => new Set((await store.messagesOf(id)).map(({ text_sealed }) => sealedVersion(text_sealed)))
    await store.rotation.begin(caller, { accountId: 'acc_1' })
    await store.rotation.settled()
    const cut = newId('keyRotation', clock.now())
    await database.write([rotations.insertRun({ id: cut, begun_at: clock.now(), ended_at: null, owners: 3, owners_done: 0, values_done: 0, values_broken: 0 }), rotations.plan(cut, null, clock.now())])
    for (const id of ['acc_2', 'acc_3']) await steps.makeKnown(await only('planned', id))
    await steps.beginSealing(await only('known', 'acc_3'))
    const stages = async () => (await database.read.selectFrom('key_rotation').select('stage').orderBy('owner_id').execute()).map(({ stage }) => stage)
    expect(await stages()).toEqual(['settling', 'known', 'resealing', 'planned'])
    // The control: an ordinary one finds nobody whose keys it could replace.
    await expect(store.rotation.request(caller, {})).rejects.toMatchObject({ code: 'conflict' })

    expect((await store.rotation.replaceAll(caller)).last).toMatchObject({ owners: 4 })
    await store.rotation.settled()
    expect(await store.rotation.progress()).toMatchObject({ last: { ownersDone: 4, valuesBroken: 0, endedAt: expect.any(String) }, waiting: 0, resealing: 0, settling: 4 })
    const newest = [3, 3, 3, 2]
    for (const [index, version] of newest.entries()) {
      const id = `acc_${index + 1}`
      expect(await sealedWith(id), id).toEqual(new Set([version]))
      const sealer = await store.ringOf().sealerOf(id)
      for (const [at, { id: row, text_sealed }] of (await store.messagesOf(id)).entries()) expect(sealer.open({ table: 'message', rowId: row, column: 'text_sealed' }, text_sealed)).toBe(`text ${at} of ${id}`)
    }
    for (let look = 0; look < 2; look += 1) { clock.advance(HOUR); await store.rotation.look() }
    for (const [index, version] of newest.entries()) expect(await store.versionsOf(`acc_${index + 1}`)).toEqual([ROOT_VERSION, version])
  })

  test('goes on when a clock that was ahead is right again', async () => {
    await using store = await open(dialect)
    await store.addAccount('acc_1', 1)
    await store.keyRing.ensure(SERVER_KEYS)
    const YEAR = 365 * 86_400_000
    store.clock.advance(YEAR)
    await store.rotation.look()
    store.clock.advance(-YEAR)
    // What was begun then settles an hour from now, and the key that is dated ahead is replaced.
    await store.rotation.look()
    store.clock.advance(HOUR)
    await store.rotation.look()
    await store.rotation.look()
    for (let hour = 0; hour < 2; hour += 1) { store.clock.advance(HOUR); await store.rotation.look() }
    expect(await store.rotation.progress()).toMatchObject({ settling: 0, versionsRetired: 0 })
    expect(await store.versionsOf('server'), 'the root of every version stays').toEqual([-3, -2, ROOT_VERSION, 3])
    expect(await store.database.read.selectFrom('key_rotation_run').selectAll().execute()).toHaveLength(2)
  })

  test('keeps the root of every version of the server\'s key, also of one that was made before roots were kept', async () => {
    await using store = await open(dialect)
    await store.keyRing.ensure(SERVER_KEYS)
    const keys = (await store.keyRing.sealerOf(SERVER_KEYS)).versionsFor('marks')
    const hash = (version: number) => keys.of(version)?.export().toString('hex') ?? null
    const rotate = async () => {
      await store.rotation.begin(caller, {})
      await store.rotation.settled()
      for (let look = 0; look < 2; look += 1) { store.clock.advance(HOUR); await store.rotation.look() }
    }
    const first = hash(1)
    await rotate()
    // As a version had left it that kept the root of the first alone.
    await store.database.write([{ query: store.database.read.deleteFrom('data_key').where('owner_id', '=', SERVER_KEYS).where('version', '<', ROOT_VERSION).compile() }])
    await store.keyRing.refresh(SERVER_KEYS)
    const second = hash(2)
    expect(keys.current().version).toBe(2)
    await rotate()
    expect(await store.versionsOf(SERVER_KEYS)).toEqual([-3, -2, ROOT_VERSION, 3])
    expect([keys.current().version, hash(1), hash(2), hash(4)]).toEqual([3, first, second, null])
    expect(new Set([first, second, hash(3), null]).size).toBe(4)
  })

  test('what a restore brings under several versions is taken up by itself', async () => {
    await using store = await open(dialect)
    const { database } = store
    await store.addAccount('acc_1', 4)
    const before = await store.messagesOf('acc_1')
    await store.rotation.begin(caller, { accountId: 'acc_1' })
    await store.rotation.settled()
    // As after a restore: rows of the former version, and nothing of what is of the moment.
    await database.write([{ query: database.read.deleteFrom('key_rotation').compile() }, { query: database.read.deleteFrom('data_key_stage').compile() },
      ...before.map(({ id, text_sealed }) => ({ query: database.read.updateTable('message').set({ text_sealed }).where('id', '=', id).compile(), expectRows: 1 }))])
    await store.rotation.look()
    await store.rotation.settled()
    expect((await store.messagesOf('acc_1')).map(({ text_sealed }) => sealedVersion(text_sealed))).toEqual([2, 2, 2, 2])
  })
})
