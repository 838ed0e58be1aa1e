interface Resolvable {
  readonly start: number
  readonly end: number
  readonly confidence: number
  readonly rank: number
}

/**
 * Makes overlapping spans disjoint: the surer one wins, then the longer, then the one whose detector is listed first.
 * What a loser covers beyond the winner stays covered by the loser, so that no character found is left in the open.
 */
export function resolve<Span extends Resolvable>(spans: readonly Span[]): Span[] {
  if (spans.length < 2) return [...spans]
  const order = [...spans].sort((a, b) => b.confidence - a.confidence || b.end - b.start - (a.end - a.start) || a.rank - b.rank || a.start - b.start)
  const taken: Span[] = []
  for (const span of order) {
    for (const piece of uncovered(span, taken)) insertSorted(taken, piece)
  }
  return taken
}

function insertSorted<Span extends Resolvable>(taken: Span[], span: Span): void {
  taken.splice(firstBeyond(taken, span.start), 0, span)
}

/** The first of the spans, which stand in order and apart, that ends behind a place; a cluster may hold thousands. */
function firstBeyond(taken: readonly Resolvable[], place: number): number {
  let low = 0
  let high = taken.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((taken[middle]?.end ?? 0) > place) high = middle
    else low = middle + 1
  }
  return low
}

function uncovered<Span extends Resolvable>(span: Span, taken: readonly Span[]): Span[] {
  const pieces: Span[] = []
  let start = span.start
  for (let index = firstBeyond(taken, start); index < taken.length; index += 1) {
    const other = taken[index]
    if (other === undefined || other.start >= span.end) break
    if (other.start > start) pieces.push({ ...span, start, end: other.start })
    start = Math.max(start, other.end)
  }
  if (start < span.end) pieces.push({ ...span, start })
  return pieces
}
