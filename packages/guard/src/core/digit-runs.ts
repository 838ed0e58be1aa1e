import { isAlphanumeric, isDigit } from './characters.ts'

/** Where the next digit stands that has neither a letter nor a digit nor `.` or `_` glued to its left; -1 when there is none. */
export function nextNumber(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 57 || code < 48) continue
    const before = index === 0 ? 32 : text.charCodeAt(index - 1)
    if (!isAlphanumeric(before) && before !== 95 && !(before === 45 && index > 1 && isDigit(text.charCodeAt(index - 2)))) return index
    while (index + 1 < text.length && isDigit(text.charCodeAt(index + 1))) index += 1
  }
  return -1
}
