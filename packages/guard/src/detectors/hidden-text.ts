import { foldCodePoint, isInvisible } from '../core/fold.ts'

/** Shortest run of invisible characters that is no accident: emoji and some scripts need one or two between letters. */
const shortest = 4
const override = /[\u202d\u202e\u2066-\u2069]/

/** A run of characters that print nothing, or characters that turn the order of others round. */
export interface HiddenRun {
  readonly start: number
  readonly end: number
}

/** Finds text that a reader does not see: tag characters, variation selectors in a row, overrides of direction. Works on the original, for folding removes them. */
export function findHiddenText(text: string): HiddenRun[] {
  if (!/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\udb40]/.test(text)) return []
  const runs: HiddenRun[] = []
  let start = -1
  let count = 0
  const close = (end: number): void => {
    if (start >= 0 && (count >= shortest || override.test(text.slice(start, end)))) runs.push({ start, end })
    start = -1
    count = 0
  }
  for (let index = 0; index < text.length;) {
    const point = text.codePointAt(index) ?? 0
    const next = index + (point > 0xffff ? 2 : 1)
    if (point > 127 && isInvisible(point) && foldCodePoint(point) === '') {
      if (start < 0) start = index
      count += 1
    } else {
      close(index)
    }
    index = next
  }
  close(text.length)
  return runs
}
