import type { Conversation } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { groupByAge, searchTitles } from './conversations.ts'

const conversation = (title: string, updatedAt = '2026-01-01T00:00:00.000Z'): Conversation => ({ id: `con_${'0'.repeat(32)}`, title, model: 'library', createdAt: updatedAt, updatedAt, ephemeral: false })

test('a search finds every word, whatever its case, accents and place', () => {
  const items = [conversation('Schlüssel für die Küche'), conversation('Keys')]
  expect(searchTitles(items, 'kuche SCHLUSSEL')).toEqual([items[0]])
  expect(searchTitles(items, 'schlüssel keys')).toEqual([])
  expect(searchTitles(items, '  ')).toEqual(items)
})

test('days are those of the calendar, not spans of 24 hours', () => {
  const now = new Date(2026, 5, 15, 0, 30)
  const at = (days: number, hours: number): string => new Date(2026, 5, 15 - days, hours).toISOString()
  const groups = groupByAge([conversation('a', at(0, 0)), conversation('b', at(1, 23)), conversation('c', at(1, 0)), conversation('d', at(3, 5)), conversation('e', at(30, 5))], now.getTime())
  expect(groups.map(({ title, items }) => [title, items.map((item) => item.title).join('')])).toEqual([['Today', 'a'], ['Yesterday', 'bc'], ['Last seven days', 'd'], ['Earlier', 'e']])
})
