import { expect, test } from 'vitest'
import { callerLike } from '../../testing/caller.ts'
import { idLike, openTestStore } from '../../testing/server-database.ts'
import { createBook } from './book.ts'
import { createBudgetStore } from './store.ts'

const ACCOUNT = idLike('acc', 1)

test('a budget that is set while the book is being read is in the next look, and in the look that was under way', async () => {
  await using at = await openTestStore('sqlite')
  await at.addAccount(ACCOUNT)
  const store = createBudgetStore(at.database)
  let release = () => { /* Set below. */ }
  const gate = new Promise<void>((resolve) => { release = resolve })
  let looks = 0
  // The first look has found nothing, and is slow to say so.
  const slowAtFirst: typeof store = { ...store, async all() {
    const found = await store.all()
    looks += 1
    if (looks === 1) await gate
    return found
  } }
  const book = createBook(slowAtFirst, { now: () => 0, monotonic: () => 0 })
  const caller = callerLike(ACCOUNT, 'member')
  const underWay = book.of(caller)
  while (looks === 0) await new Promise(setImmediate)
  await at.database.write([store.put({ id: 'all', scope: 'all', subject: '', period: 'day', unit: 'tokens', amount: 1, set_at: 0 })])
  book.outdate()
  const next = book.of(caller)
  release()
  expect([(await next).length, (await underWay).length, (await book.of(caller)).length]).toEqual([1, 1, 1])
})
