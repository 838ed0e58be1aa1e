import { expect, test } from 'vitest'
import { banned } from './banned.ts'

test('whoever waits until the moment that they are told has waited long enough', () => {
  const until = Date.parse('2026-11-22T00:40:08.250Z')
  const { detail, members } = banned({ kind: 'address', why: 'too many wrong passwords', until, banId: 'ban_1' }, until - 59_750)
  expect([detail?.slice(0, 65), members]).toEqual(['This address is kept out until 2026-11-22 00:40:09 UTC: too many ', { retryAfterSeconds: 60, until: '2026-11-22T00:40:08.250Z', ban: 'ban_1' }])
})
