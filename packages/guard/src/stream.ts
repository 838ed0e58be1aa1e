import { leftContext } from './core/detector.ts'
import { foldCodePoint } from './core/fold.ts'
import { SpanScanner } from './core/span-scanner.ts'
import type { DetectorType, SpanType } from './detectors/registry.ts'
import type { Action, Finding, InspectOptions } from './finding.ts'
import { detectorsFor } from './inspect.ts'
import { replacementFor } from './redact.ts'

export interface StreamGuardOptions extends InspectOptions {
  readonly actionOf: (finding: Finding) => Action
  /** Values that are no findings: stand-ins of ours, which their owner's values will replace. */
  readonly known?: ReadonlySet<string>
}

export interface StreamGuard {
  /** Takes the next piece of text and gives back what is cleared by now, which may be nothing. */
  push(chunk: string): string
  /** Says that nothing follows; gives back the rest. */
  end(): string
  /** What was found so far, by type. */
  readonly findings: readonly { readonly type: DetectorType; readonly count: number }[]
  /** The type that stopped the stream; undefined while it flows. */
  readonly blocked: DetectorType | undefined
}

/**
 * Clears text as it comes, of everything in `spanTypes`; an attack and hidden text are judged on whole texts, by `inspect`. However it is cut, the pieces that come back make up what `redact` makes of the whole, up to a
 * finding that blocks; from there on nothing comes back. Positions in the findings that `actionOf` sees count from the stream's start.
 */
export function createStreamGuard(options: StreamGuardOptions): StreamGuard {
  return new BufferedStreamGuard(options)
}

class BufferedStreamGuard implements StreamGuard {
  readonly #scanner: SpanScanner<SpanType>
  readonly #actionOf: (finding: Finding) => Action
  readonly #known: ReadonlySet<string> | undefined
  readonly #counts = new Map<DetectorType, number>()
  /** The original and the folded text, from a little before what is not yet cleared; `#ends` and `#starts` lead back, null while all is ASCII. */
  #original = ''
  #folded = ''
  #starts: number[] | null = null
  #ends: number[] | null = null
  /** How much of the original buffer is cleared, and how much of the stream went before the buffer. */
  #cleared = 0
  #forgotten = 0
  #half = ''
  /** Where the last finding ended, in the buffer. */
  #reached = 0
  blocked: DetectorType | undefined

  constructor(options: StreamGuardOptions) {
    this.#scanner = new SpanScanner(detectorsFor(options))
    this.#actionOf = options.actionOf
    this.#known = options.known
  }

  get findings(): readonly { readonly type: DetectorType; readonly count: number }[] {
    return [...this.#counts].map(([type, count]) => ({ type, count }))
  }

  push(chunk: string): string {
    if (this.blocked !== undefined || chunk === '') return ''
    this.#append(chunk)
    return this.#release(false)
  }

  end(): string {
    if (this.blocked !== undefined) return ''
    if (this.#half !== '') this.#appendWhole(this.#half)
    this.#half = ''
    return this.#release(true)
  }

  /** A surrogate pair may be cut in two: its first half waits for the second. */
  #append(chunk: string): void {
    const joined = this.#half + chunk
    const last = joined.charCodeAt(joined.length - 1)
    const cut = last >= 0xd800 && last <= 0xdbff ? joined.length - 1 : joined.length
    this.#half = joined.slice(cut)
    this.#appendWhole(joined.slice(0, cut))
  }

  #appendWhole(piece: string): void {
    if (this.#starts === null && isAscii(piece)) {
      this.#original += piece
      this.#folded = this.#original
      return
    }
    const starts = (this.#starts ??= Array.from({ length: this.#original.length }, (_, index) => index))
    const ends = (this.#ends ??= starts.map((start) => start + 1))
    const offset = this.#original.length
    for (let index = 0; index < piece.length;) {
      const codePoint = piece.codePointAt(index) ?? 0
      const end = index + (codePoint > 0xffff ? 2 : 1)
      const folded = codePoint < 128 ? String.fromCharCode(codePoint) : foldCodePoint(codePoint)
      for (let position = 0; position < folded.length; position += 1) {
        starts.push(offset + index)
        ends.push(offset + end)
      }
      this.#folded += folded
      index = end
    }
    this.#original += piece
  }

  #release(final: boolean): string {
    const { decided, spans } = this.#scanner.advance(this.#folded, final)
    let text = ''
    for (const span of spans) {
      const start = Math.max(this.#reached, this.#starts === null ? span.start : (this.#starts[span.start] ?? this.#original.length))
      const end = this.#ends === null ? span.end : (this.#ends[span.end - 1] ?? start)
      if (start >= end) continue
      this.#reached = end
      if (this.#known?.has(this.#original.slice(start, end)) === true) continue
      const action = this.#actionOf({ type: span.type, start: this.#forgotten + start, end: this.#forgotten + end, confidence: span.confidence, reason: span.reason })
      this.#counts.set(span.type, (this.#counts.get(span.type) ?? 0) + 1)
      const replacement = replacementFor(span.type, action)
      if (action !== 'block' && replacement === null) continue
      text += this.#original.slice(this.#cleared, start) + (replacement ?? '')
      this.#cleared = end
      if (action !== 'block') continue
      this.blocked = span.type
      return text
    }
    const until = final ? this.#original.length : this.#starts === null ? decided : (this.#starts[decided] ?? this.#endOf(decided))
    if (until > this.#cleared) {
      text += this.#original.slice(this.#cleared, until)
      this.#cleared = until
    }
    this.#forget(decided)
    return text
  }

  /** Where the folded text up to `decided` ends in the original: invisible characters after it wait with what follows. */
  #endOf(decided: number): number {
    return decided === 0 ? 0 : (this.#ends?.[decided - 1] ?? 0)
  }

  /** Drops what no detector will look at again, once it is worth the copying. */
  #forget(decided: number): void {
    const folded = decided - leftContext
    if (folded < leftContext * 2) return
    const original = this.#starts === null ? folded : (this.#starts[folded] ?? 0)
    this.#folded = this.#folded.slice(folded)
    this.#original = this.#original.slice(original)
    this.#starts = this.#starts?.slice(folded).map((start) => start - original) ?? null
    this.#ends = this.#ends?.slice(folded).map((end) => end - original) ?? null
    this.#cleared -= original
    this.#reached = Math.max(0, this.#reached - original)
    this.#forgotten += original
    this.#scanner.forget(folded)
    if (this.#starts !== null && isAscii(this.#original)) {
      this.#starts = null
      this.#ends = null
    }
  }
}

const ascii = /^[\u0000-\u007f]*$/
const isAscii = (text: string): boolean => ascii.test(text)
