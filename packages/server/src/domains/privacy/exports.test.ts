import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { SERVER_KEYS } from '../secrets/index.ts'
import { createExports } from './index.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'done', (error: unknown) => (error as { code: string }).code)

describeEachEngine('exports', (dialect) => {
  test('are of accounts that are there, and of a day', async () => {
    await using store = await openTestStore(dialect)
    const directory = await mkdtemp(join(tmpdir(), 'sallyport-exports-'))
    const clock = createTestClock()
    const exports = createExports({ database: store.database, keyRing: store.keyRing, link: () => Promise.resolve(), clock, log: quiet, directory })
    try {
      const caller = callerLike('acc_1', 'owner')
      await store.addAccount('acc_1')
      await store.keyRing.ensure(SERVER_KEYS)
      expect([await codeOf(exports.begin(caller, 'acc_none')), await codeOf(exports.last(caller, 'acc_none')), await exports.last(caller, 'acc_1')]).toEqual(['not-found', 'not-found', { last: null }])
      const { id } = await exports.begin(caller, 'acc_1')
      await exports.settled()
      const { last } = await exports.last(caller, 'acc_1')
      expect(last).toMatchObject({ id, state: 'ready' })
      // Its own entry in the audit log came after the counting.
      expect(last?.total).toBe(last?.done)
      expect([await codeOf(exports.download(caller, 'acc_2', id)), await codeOf(exports.download(caller, 'acc_1', 'exp_none'))]).toEqual(['not-found', 'not-found'])
      clock.advance(25 * 3_600_000)
      expect([await codeOf(exports.download(caller, 'acc_1', id)), await exports.last(caller, 'acc_1')]).toEqual(['not-found', { last: null }])
    } finally {
      await exports.close()
      await rm(directory, { recursive: true, force: true })
    }
  })
})
