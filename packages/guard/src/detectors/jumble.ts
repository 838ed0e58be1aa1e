interface Letters {
  readonly length: number
  readonly capitals: number
  readonly vowels: number
  /** Whether a capital stands by itself: before another one, or at the end. */
  readonly isStrewn: boolean
}

/** True for letters that are no words: no word has capitals strewn about, or hardly a vowel. The last two say whether the first two characters are capitals. */
export function isJumble({ length, capitals, vowels, isStrewn }: Letters, first: boolean, second: boolean): boolean {
  if (capitals === 0) return vowels < length * 0.28
  const humps = first ? capitals : capitals + 1
  return (isStrewn || (!first && second)) && humps > length / 5
}

/** The same of a whole value. */
export function isJumbled(value: string): boolean {
  const letters = { length: value.length, capitals: 0, vowels: 0, isStrewn: false }
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (isCapital(code)) {
      letters.capitals += 1
      letters.isStrewn ||= index + 1 === value.length || isCapital(value.charCodeAt(index + 1))
    }
    if (isVowel(code)) letters.vowels += 1
  }
  return isJumble(letters, isCapital(value.charCodeAt(0)), isCapital(value.charCodeAt(1)))
}

/** True for A to Z. */
export const isCapital = (code: number): boolean => code >= 65 && code <= 90

const vowels = new Uint8Array(128)
for (const vowel of 'aeiouAEIOU') vowels[vowel.charCodeAt(0)] = 1
/** True for the five vowels of ASCII. */
export const isVowel = (code: number): boolean => code < 128 && vowels[code] === 1
