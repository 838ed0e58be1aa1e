import type { ModelEvent } from '../ports/model-provider.ts'

/** An event that carries a piece of text. */
export type Piece = Exclude<ModelEvent, { type: 'usage' | 'finish' }>

/** The text that a piece belongs to: the answer, the reasoning, or the arguments of one tool call, of one choice. Pieces of one channel make one text. */
export const channelOf = (piece: Piece): string => (piece.type === 'tool-call-delta' ? `${piece.choice} tool ${piece.index}` : `${piece.choice} ${piece.type}`)

/** The text of a piece. */
export const textOf = (piece: Piece): string => (piece.type === 'tool-call-delta' ? piece.argumentsText : piece.text)

/** A further piece of the same channel with another text. The name and id of a tool call came with its first. */
export const withText = (piece: Piece, text: string): Piece => (piece.type === 'tool-call-delta'
  ? { type: piece.type, choice: piece.choice, index: piece.index, argumentsText: text }
  : { type: piece.type, choice: piece.choice, text })
