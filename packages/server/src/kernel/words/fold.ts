/** Letters that Unicode does not decompose, and what people type for them. */
const plain: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ħ: 'h' }
const PLAIN = /[ßæœøłđðþıħ]/gu
// Only where a mark is an accent. In Thai, Devanagari or Tamil the marks are the vowels.
const ACCENTED = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{Mn}+/gu
// Points of Hebrew and Arabic are optional in writing; format characters (zero-width, soft hyphen) are never part of a word.
const OPTIONAL_MARKS = /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]|\p{Cf}/gu
const ASCII = /^\p{ASCII}*$/u

/**
 * The form in which words are compared: NFKC, small letters, no accents, no invisible characters. Idempotent.
 * Lengths may change: offsets into the folded text are not offsets into the text.
 */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return text.normalize('NFKC').toLowerCase().normalize('NFD')
    .replace(ACCENTED, '$1').replace(OPTIONAL_MARKS, '')
    .normalize('NFC').replace(PLAIN, (letter) => plain[letter] ?? letter)
}
