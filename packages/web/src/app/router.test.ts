import { expect, test } from 'vitest'
import { routeOf } from './router.tsx'

test('paths lead to their screens, and anything else to none', () => {
  const conversationId = `con_${'a'.repeat(32)}`
  expect(routeOf('/')).toEqual({ name: 'chat', conversationId: null })
  expect(routeOf(`/conversations/${conversationId}`)).toEqual({ name: 'chat', conversationId })
  expect(routeOf('/keys')).toEqual({ name: 'keys' })
  for (const path of ['/conversations/', '/conversations/con_1', `/conversations/${conversationId}/../keys`, '/Keys', '/keys/']) expect(routeOf(path)).toEqual({ name: 'unknown' })
})
