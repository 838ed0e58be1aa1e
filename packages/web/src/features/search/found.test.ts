import { expect, test } from 'vitest'
import { hitsOf, piecesOf } from './found.ts'

test('a snippet is cut at its marks, and marks that do not fit are left out', () => {
  const text = 'The velvet kazoo.'
  expect(piecesOf({ text, marks: [{ from: 4, to: 10 }] })).toEqual([{ text: 'The ', marked: false }, { text: 'velvet', marked: true }, { text: ' kazoo.', marked: false }])
  for (const marks of [[], [{ from: 3, to: 3 }], [{ from: 5, to: 99 }], [{ from: 9, to: 2 }]]) expect(piecesOf({ text, marks })).toEqual([{ text, marked: false }])
  expect(piecesOf({ text, marks: [{ from: 0, to: 10 }, { from: 4, to: 12 }] }).map((piece) => piece.text).join('')).toBe(text)
})

test('conversations stand before messages', () => {
  const id = 'con_1'
  const hits = hitsOf({
    conversations: [{ id, title: 'Kazoos', model: 'a/b', createdAt: '', updatedAt: '', ephemeral: false }],
    messages: [{ messageId: 'msg_1', conversationId: id, title: 'Kazoos', role: 'assistant', createdAt: '', snippet: { text: 'A kazoo.', marks: [] } }],
  })
  expect(hits.map(({ key, said }) => [key, said])).toEqual([['con_1', 'Conversation'], ['msg_1', 'Answer']])
})
