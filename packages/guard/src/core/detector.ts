import type { Figures } from './figures.ts'

/**
 * A stretch of text as a detector sees it. Everything left of `from` is decided already; up to `leftContext` characters of
 * it may be looked at, never reported. `final` says that nothing follows `text`; without it, more may.
 */
export interface Scan {
  readonly text: string
  readonly from: number
  readonly final: boolean
  /** The runs of digits from `from` on, and perhaps some before it. */
  readonly figures: Figures
  /** The place up to which all detectors that were asked before have decided what there is. */
  readonly settled: number
  /**
   * Whether a detector that was asked before has found a span that holds all of this stretch, which ends no later than `settled`. What is less
   * sure than all of those can leave such a stretch unread: it would lose it to them. Ask from left to right.
   */
  readonly isCovered: (start: number, end: number) => boolean
  /** Reports a span of `text` that starts at or after `from`. */
  readonly found: (span: FoundSpan) => void
}

export interface FoundSpan {
  readonly start: number
  readonly end: number
  readonly confidence: number
  readonly reason: string
}

/**
 * Finds spans in folded text, from left to right.
 *
 * `scan` reports every span it is sure of and returns the position to resume at: all that starts before it is decided.
 * A decision may look only at `leftContext` characters before a candidate and at the candidate's own bounded extent, so
 * that it is the same however the text was cut. A candidate that reaches the end of a text that is not `final` is left
 * open by returning its start; one that has reached `longest` is decided then and there.
 */
export interface SpanDetector<Type extends string = string> {
  readonly type: Type
  /** What stands in the text in place of a masked span, without brackets. */
  readonly placeholder: string
  /** The most characters that an open match can hold back. */
  readonly longest: number
  /** Character classes (`core/characters.ts`) one of which every match begins with or is announced by. */
  readonly triggers: number
  /** Classes one of which every whole match holds; a finished text without them need not be looked at. */
  readonly requires?: number
  scan(scan: Scan): number
}

/** How far left of a candidate a detector may look for words that announce it. */
export const leftContext = 96

/** The characters before a candidate, lower case, whatever they are: for words that speak against it. */
export const charactersBefore = (text: string, start: number, reach = 64): string => text.slice(Math.max(0, start - reach), start).toLowerCase()

/**
 * The words before a candidate, lower case. Stops at a placeholder, so that masking a text twice cannot bring a word
 * nearer to a value than it stood in the original.
 */
export function wordsBefore(text: string, start: number, reach = 64): string {
  const before = text.slice(Math.max(0, start - reach), start)
  const bracket = before.lastIndexOf(']')
  // The x keeps a word that was glued to the value from beginning where its placeholder ends.
  return (bracket < 0 ? before : `x${before.slice(bracket + 1)}`).toLowerCase()
}
