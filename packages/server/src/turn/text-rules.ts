import { ProblemError } from '../kernel/problem.ts'
import { repetition } from '../policy/limits.ts'

/** Control characters except tab and line feed; bidirectional overrides and isolates. They have no place in a question (VAL-2). */
const UNWANTED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Nothing but spaces and characters that print nothing, such as those of zero width. Between letters they stay: emoji and some scripts need them, and the guard reads past them. */
const UNSEEN = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u

/** A question as the pipeline takes it: well-formed, NFC, line feeds only, without control characters and overrides. Throws `invalid-request` with what to do. */
export function normaliseQuestion(text: string, maxCharacters: number): string {
  // What is taken out may have stood between a letter and its accent, so it goes first.
  const clean = text.toWellFormed().replaceAll('\r\n', '\n').replace(UNWANTED, '').normalize('NFC')
  if (UNSEEN.test(clean)) throw refuse('Write something first: the message is blank.')
  const counts = new Map<string, number>()
  let characters = 0
  for (const character of clean) {
    characters += 1
    counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  if (characters > maxCharacters) throw refuse(`The message has ${characters} characters; at most ${maxCharacters} are taken. Shorten it, or add the text as a document.`)
  if (characters >= repetition.fromCharacters && Math.max(...counts.values()) > characters * repetition.share) {
    throw refuse('The message is one character over and over. Write it out.')
  }
  return clean
}

const refuse = (detail: string) => new ProblemError('invalid-request', { detail, members: { errors: [{ pointer: '/text', detail }] } })
