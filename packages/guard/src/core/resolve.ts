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
  let index = taken.length
  while (index > 0 && (taken[index - 1]?.start ?? 0) > span.start) index -= 1
  taken.splice(index, 0, span)
}

function uncovered<Span extends Resolvable>(span: Span, taken: readonly Span[]): Span[] {
  const pieces: Span[] = []
  let start = span.start
  for (const other of taken) {
    if (other.end <= start) continue
    if (other.start >= span.end) break
    if (other.start > start) pieces.push({ ...span, start, end: other.start })
    start = Math.max(start, other.end)
  }
  if (start < span.end) pieces.push({ ...span, start })
  return pieces
}
