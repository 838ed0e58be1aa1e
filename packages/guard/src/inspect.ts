import type { SpanDetector } from './core/detector.ts'
import { fold, originalEnd, originalStart } from './core/fold.ts'
import { SpanScanner } from './core/span-scanner.ts'
import { createCanary } from './detectors/canary.ts'
import { type DetectorType, spanDetectors } from './detectors/registry.ts'
import type { Finding, InspectOptions } from './finding.ts'

const all: readonly SpanDetector<DetectorType>[] = spanDetectors

/** The detectors that the options ask for. */
export function detectorsFor(options: InspectOptions): readonly SpanDetector<DetectorType>[] {
  const { canary, types } = options
  const chosen = types === undefined ? all : all.filter((detector) => types.has(detector.type))
  return canary === undefined || canary === '' || types?.has('canary') === false ? chosen : [createCanary(canary), ...chosen]
}

/**
 * What is in a text: findings in order that do not overlap, their spans true to the text as it was given.
 * Never throws for content, and takes time proportional to the text's length.
 */
export function inspect(text: string, options: InspectOptions = {}): readonly Finding[] {
  const folded = fold(text)
  const { spans } = new SpanScanner(detectorsFor(options)).advance(folded.text, true)
  return spans.map(({ type, start, end, confidence, reason }) => ({ type, start: originalStart(folded, start), end: originalEnd(folded, end), confidence, reason }))
}
