import { isAlphanumeric } from './characters.ts'

/** Walks over tokens: runs of ASCII letters, digits and the given signs. */
export interface TokenWalk {
  readonly isToken: (code: number) => boolean
  /** The start of the token at or after `from`; in the middle of one, its remainder is no token. The text's length when there is none. */
  readonly next: (text: string, from: number) => number
  /** A place behind `from` before which no token of at least `least` characters begins; `from` itself when there is none. */
  readonly skip: (text: string, from: number, least: number) => number
  /** Where the token that begins at `start` ends, or has grown too long. */
  readonly stop: (text: string, start: number, longest: number) => number
}

/** Tokens with these signs in them. What `isJoint` says of a place may be in the midst of a token all the same. */
export function tokensWith(signs: string, isJoint: (text: string, index: number) => boolean = () => false): TokenWalk {
  const table = new Uint8Array(128)
  for (let code = 0; code < 128; code += 1) if (isAlphanumeric(code) || signs.includes(String.fromCharCode(code))) table[code] = 1
  const isToken = (code: number): boolean => code < 128 && table[code] === 1
  return {
    isToken,
    next(text, from) {
      let index = from
      if (index > 0) while (index < text.length && isToken(text.charCodeAt(index)) && isToken(text.charCodeAt(index - 1))) index += 1
      while (index < text.length && !isToken(text.charCodeAt(index))) index += 1
      return index
    },
    // Backwards from where such a token would have to reach: most characters need no look.
    skip(text, from, least) {
      let place = from
      for (let last = from + least - 1; last < text.length; last = place + least - 1) {
        while (last >= place && (isToken(text.charCodeAt(last)) || isJoint(text, last))) last -= 1
        if (last < place) return place
        place = last + 1
      }
      return place
    },
    stop(text, start, longest) {
      const highest = Math.min(text.length, start + longest)
      let stop = start
      while (stop < highest && isToken(text.charCodeAt(stop))) stop += 1
      return stop
    },
  }
}
