import { createHmac, type KeyObject } from 'node:crypto'

export const HASH_BYTES = 8

/** Hashes words under a key of their owner's: HMAC-SHA-256, cut to 64 bits, in hexadecimal. Remembers what it hashed; make one per text or question. */
export function createWordHasher(key: KeyObject): (word: string) => string {
  const known = new Map<string, string>()
  return (word) => {
    const found = known.get(word)
    if (found !== undefined) return found
    const hash = createHmac('sha256', key).update(word).digest('hex').slice(0, HASH_BYTES * 2)
    known.set(word, hash)
    return hash
  }
}
