import { isAlphanumeric, isDigit } from './characters.ts'

/** Digits with single separators between them, as people write numbers. */
export interface DigitRun {
  readonly start: number
  readonly end: number
  readonly digits: string
  readonly separators: string
  /** True when the run is still growing at the end of a text that goes on. */
  readonly open: boolean
}

interface RunShape {
  readonly maxDigits: number
  readonly separators: string
}

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

/**
 * The run of digits that starts at `start`. A separator belongs to it only between two digits, so a run that ends in one
 * is open while the text goes on. More than `maxDigits` digits end it as one too long to be anything: `digits` then holds one more than the bound.
 */
export function readDigitRun(text: string, start: number, shape: RunShape): DigitRun {
  let digits = ''
  let separators = ''
  let end = start
  let index = start
  let pending = ''
  for (; index < text.length && digits.length <= shape.maxDigits; index += 1) {
    const code = text.charCodeAt(index)
    if (isDigit(code)) {
      digits += text[index] ?? ''
      separators += pending
      pending = ''
      end = index + 1
    } else if (pending === '' && shape.separators.includes(text[index] ?? '')) {
      pending = text[index] ?? ''
    } else {
      break
    }
  }
  return { start, end, digits, separators, open: index === text.length && digits.length <= shape.maxDigits }
}
