import { HASH_BYTES } from '../../kernel/words/index.ts'

const ENTRY_BYTES = HASH_BYTES + 1
const MOST_REPEATS = 255

/** Packs how often each hash stands in a passage: eight bytes of hash and one of count, ordered by hash, so that order tells nothing of the text. */
export function packPostings(counts: ReadonlyMap<string, number>): Uint8Array {
  const bytes = Buffer.alloc(counts.size * ENTRY_BYTES)
  let at = 0
  for (const [word, count] of [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    bytes.write(word, at, HASH_BYTES, 'hex')
    bytes.writeUInt8(Math.min(count, MOST_REPEATS), at + HASH_BYTES)
    at += ENTRY_BYTES
  }
  return bytes
}

/** Every hash of packed postings with its count. */
export function* unpackPostings(packed: Uint8Array): Generator<readonly [word: string, count: number]> {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) yield [bytes.toString('hex', at, at + HASH_BYTES), bytes.readUInt8(at + HASH_BYTES)]
}

/** How often some words stand in packed postings, without unpacking the rest: binary search over the ordered entries. */
export function createCounter(packed: Uint8Array): (word: Uint8Array) => number {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  return (word) => {
    let low = 0
    let high = Math.floor(bytes.length / ENTRY_BYTES) - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const at = middle * ENTRY_BYTES
      const order = bytes.compare(word, 0, HASH_BYTES, at, at + HASH_BYTES)
      if (order === 0) return bytes.readUInt8(at + HASH_BYTES)
      if (order < 0) low = middle + 1
      else high = middle - 1
    }
    return 0
  }
}
