import type { Secret } from '../../../kernel/secret.ts'

export type Scrub = (text: string) => string

const SHOWN = '[secret]'
/** Shorter pieces of a credential tell nobody anything, and longer ones are found whole or in part. */
const PIECE_LENGTH = 8
const TEXT_LENGTH = 4_096

/**
 * Takes every piece of a credential out of a vendor's words, also where the vendor quotes a part of it, encodes it, or turns it round
 * (a vendor says "Incorrect API key provided: …"). Looks at the first 4,096 characters and drops the rest.
 */
export function createScrub(secrets: readonly Secret[]): Scrub {
  return (text) => {
    const bounded = text.slice(0, TEXT_LENGTH)
    const hidden = new Uint8Array(bounded.length)
    for (const form of secrets.flatMap((secret) => formsOf(secret.reveal()))) mark(bounded.toLowerCase(), form, hidden)
    return hidden.includes(1) ? withoutMarked(bounded, hidden) : bounded
  }
}

const formsOf = (value: string) => [value, encodeURIComponent(value), Buffer.from(value).toString('hex'), [...value].reverse().join(''), ...base64FormsOf(value)]
  .map((form) => form.toLowerCase()).filter((form) => form !== '')

/** Base64 writes the same bytes in three ways, by what stands before them (`Bearer ` does). The groups at the ends hold other bytes too. */
const base64FormsOf = (value: string) => [0, 1, 2].flatMap((before) => {
  const bytes = Buffer.from('.'.repeat(before) + value)
  return [bytes.toString('base64'), bytes.toString('base64url')].map((form) => form.slice(before === 0 ? 0 : 4, before === 0 ? undefined : Math.floor(bytes.length / 3) * 4))
})

function mark(text: string, form: string, hidden: Uint8Array): void {
  const length = Math.min(PIECE_LENGTH, form.length)
  const pieces = new Set(Array.from({ length: form.length - length + 1 }, (_, start) => form.slice(start, start + length)))
  for (let start = 0; start + length <= text.length; start += 1) {
    if (pieces.has(text.slice(start, start + length))) hidden.fill(1, start, start + length)
  }
}

function withoutMarked(text: string, hidden: Uint8Array): string {
  let result = ''
  for (let index = 0; index < text.length; index += 1) {
    if (hidden[index] === 0) result += text.charAt(index)
    else if (hidden[index - 1] !== 1) result += SHOWN
  }
  return result
}
