import type { ReplyOf } from '@sallyport/contract'

type Found = ReplyOf<'searchConversations'>
type Message = Found['messages'][number]

/** One line of the results: a conversation by its title, or a message in one. */
export interface Hit {
  readonly key: string
  readonly conversationId: string
  readonly messageId: string | null
  readonly title: string
  readonly said: string
  readonly pieces: readonly Piece[]
}
export interface Piece { readonly text: string; readonly marked: boolean }

/** Cuts a snippet at its marks. Marks that do not fit the text are left out. */
export function piecesOf({ text, marks }: Message['snippet']): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const { from, to } of marks) {
    if (from < at || to <= from || to > text.length) continue
    pieces.push({ text: text.slice(at, from), marked: false }, { text: text.slice(from, to), marked: true })
    at = to
  }
  return [...pieces, { text: text.slice(at), marked: false }].filter((piece) => piece.text !== '')
}

/** The results in the order in which they are shown. */
export const hitsOf = ({ conversations, messages }: Found): readonly Hit[] => [
  ...conversations.map(({ id, title }): Hit => ({ key: id, conversationId: id, messageId: null, title, said: 'Conversation', pieces: [] })),
  ...messages.map(({ messageId, conversationId, title, role, snippet }): Hit => ({ key: messageId, conversationId, messageId, title, said: role === 'user' ? 'You' : 'Answer', pieces: piecesOf(snippet) })),
]
