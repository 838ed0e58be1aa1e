import { ProblemError } from '../kernel/problem.ts'
import { repetition } from '../policy/limits.ts'

/** Control characters except tab and line feed; bidirectional overrides and isolates. They have no place in a question (VAL-2). */
const UNWANTED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** A question as the pipeline takes it: NFC, line feeds only, without control characters and overrides. Throws `invalid-request` with what to do. */
export function normaliseQuestion(text: string, maxCharacters: number): string {
  const clean = text.replaceAll('\r\n', '\n').normalize('NFC').replace(UNWANTED, '')
  if (clean.trim() === '') throw refuse('Write something first: the message is blank.')
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
