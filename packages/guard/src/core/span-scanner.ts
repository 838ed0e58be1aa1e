import type { FoundSpan, SpanDetector } from './detector.ts'
import { FigureRoom } from './figures.ts'
import { resolve } from './resolve.ts'

/** A span of folded text, with the detector that found it. */
export interface RankedSpan<Type extends string> {
  readonly type: Type
  readonly start: number
  readonly end: number
  readonly confidence: number
  readonly reason: string
  readonly rank: number
}

/** One for all: no detector keeps what it reads, and none is run while another one is. */
const figures = new FigureRoom()

/**
 * Runs detectors over a text that may still grow. `advance` says what is decided: the resolved spans, in order, and the
 * position up to which no later text can change anything.
 */
export class SpanScanner<Type extends string> {
  readonly #detectors: readonly SpanDetector<Type>[]
  #resumes: number[]
  #undecided: RankedSpan<Type>[] = []
  #decided = 0

  constructor(detectors: readonly SpanDetector<Type>[]) {
    this.#detectors = detectors
    this.#resumes = detectors.map(() => 0)
  }

  /** Looks at `text`, which begins as it did the last time (save for what `forget` cut off), and moves on as far as it can. */
  advance(text: string, final: boolean): { readonly decided: number; readonly spans: RankedSpan<Type>[] } {
    const classes = figures.survey(text, this.#decided)
    const undecided = this.#undecided
    let cut = text.length
    for (const [rank, detector] of this.#detectors.entries()) {
      const idle = (detector.triggers & classes) === 0 || (final && detector.requires !== undefined && (detector.requires & classes) === 0)
      const before = undecided.length
      let cover: Cover | null = null
      const resume = idle ? text.length : detector.scan({
        text, final, figures, from: this.#resumes[rank] ?? 0, settled: cut,
        isCovered: (start, end) => (cover ??= new Cover(undecided.slice(0, before))).holds(start, end),
        found: ({ start, end, confidence, reason }) => undecided.push({ type: detector.type, start, end, confidence, reason, rank }),
      })
      this.#resumes[rank] = resume
      if (!final && resume < cut) cut = resume
    }
    if (final) return this.#finish(text.length)
    if (this.#undecided.length === 0) {
      this.#decided = cut
      return { decided: cut, spans: [] }
    }
    return this.#settle(cut)
  }

  /** Says that the first `length` characters of the text are gone, and all positions move. */
  forget(length: number): void {
    this.#resumes = this.#resumes.map((resume) => Math.max(0, resume - length))
    this.#undecided = this.#undecided.map((span) => ({ ...span, start: span.start - length, end: span.end - length }))
    this.#decided = Math.max(0, this.#decided - length)
  }

  #finish(length: number): { decided: number; spans: RankedSpan<Type>[] } {
    const ready = this.#undecided
    this.#decided = length
    this.#undecided = []
    return { decided: length, spans: ready.length < 2 ? ready : resolveClusters(inOrder(ready)) }
  }

  #settle(limit: number): { decided: number; spans: RankedSpan<Type>[] } {
    let cut = limit
    const sorted = inOrder(this.#undecided)
    // What stands behind a span in the list begins no earlier, so that a cut at the span's start cuts through none of it.
    for (let index = sorted.length - 1; index >= 0; index -= 1) {
      const span = sorted[index]
      if (span !== undefined && span.start < cut && span.end > cut) cut = span.start
    }
    const ready = sorted.filter((span) => span.start < cut)
    this.#undecided = sorted.filter((span) => span.start >= cut)
    this.#decided = cut
    return { decided: cut, spans: resolveClusters(ready) }
  }
}

/** Spans by where they begin, asked from left to right whether one of them holds a stretch. */
class Cover {
  readonly #spans: readonly Pick<FoundSpan, 'start' | 'end'>[]
  #next = 0
  /** How far the spans that begin no later than the last stretch reach. */
  #reach = 0

  constructor(spans: RankedSpan<string>[]) {
    this.#spans = inOrder(spans)
  }

  holds(start: number, end: number): boolean {
    for (let span = this.#spans[this.#next]; span !== undefined && span.start <= start; span = this.#spans[this.#next]) {
      this.#reach = Math.max(this.#reach, span.end)
      this.#next += 1
    }
    return end <= this.#reach
  }
}

/** Sorts spans where they stand; those of one detector alone come in order. */
function inOrder<Type extends string>(spans: RankedSpan<Type>[]): RankedSpan<Type>[] {
  for (let index = 1; index < spans.length; index += 1) {
    const before = spans[index - 1]
    const span = spans[index]
    if (before !== undefined && span !== undefined && (before.start > span.start || (before.start === span.start && before.end > span.end))) return spans.sort((a, b) => a.start - b.start || a.end - b.end)
  }
  return spans
}

/** Resolves each group of overlapping spans by itself: what overlaps nothing needs no comparing. */
function resolveClusters<Type extends string>(sorted: readonly RankedSpan<Type>[]): RankedSpan<Type>[] {
  const result: RankedSpan<Type>[] = []
  let cluster: RankedSpan<Type>[] = []
  let reach = -1
  for (const span of sorted) {
    if (span.start >= reach && cluster.length > 0) {
      settleCluster(cluster, result)
      cluster = []
    }
    cluster.push(span)
    reach = Math.max(reach, span.end)
  }
  settleCluster(cluster, result)
  return result
}

function settleCluster<Type extends string>(cluster: readonly RankedSpan<Type>[], into: RankedSpan<Type>[]): void {
  if (cluster.length === 1 && cluster[0] !== undefined) into.push(cluster[0])
  else into.push(...resolve(cluster))
}
