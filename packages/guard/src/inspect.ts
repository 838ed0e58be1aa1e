import type { SpanDetector } from './core/detector.ts'
import { fold, type Folded, originalEnd, originalStart } from './core/fold.ts'
import { SpanScanner } from './core/span-scanner.ts'
import { createCanary } from './detectors/canary.ts'
import { findHiddenText, type HiddenRun } from './detectors/hidden-text.ts'
import { recognisers, type SpanType, spanDetectors } from './detectors/registry.ts'
import type { Finding, InspectOptions } from './finding.ts'
import { findAttack, findAttackInStretches, stretchCharacters } from './injection/find-attack.ts'
import { injectionTypes } from './injection/judge.ts'

const askedFor: readonly SpanType[] = recognisers
const all: readonly SpanDetector<SpanType>[] = spanDetectors
const usual = all.filter(({ type }) => !askedFor.includes(type))

/** The detectors that the options ask for. */
export function detectorsFor(options: InspectOptions): readonly SpanDetector<SpanType>[] {
  const { canary, types } = options
  const chosen = types === undefined ? usual : all.filter((detector) => types.has(detector.type))
  return canary === undefined || canary === '' || types?.has('canary') === false ? chosen : [createCanary(canary), ...chosen]
}

/**
 * What is in a text: findings in order, their spans true to the text as it was given. Spans of values do not overlap;
 * a finding about hidden text or about an attack covers a stretch that may hold some of them.
 * Never throws for content, and takes time proportional to the text's length.
 */
export function inspect(text: string, options: InspectOptions = {}): readonly Finding[] {
  const folded = fold(text)
  const findings: Finding[] = inspectSpans(folded, options)
  const { types } = options
  const before = findings.length
  if (wantsHiddenText(types)) for (const run of findHiddenText(text)) findings.push(hiddenFinding(run))
  if (wantsAttacks(types)) {
    const attack = text.length > stretchCharacters ? finish(findAttackInStretches(text)) : findAttack(text, folded)
    if (attack !== null && types?.has(attack.type) !== false) findings.push(attack)
  }
  return findings.length === before ? findings : inOrder(findings)
}

type Types = InspectOptions['types']

export const wantsHiddenText = (types: Types): boolean => types === undefined || types.has('hidden-text')
export const wantsAttacks = (types: Types): boolean => types === undefined || injectionTypes.some((type) => types.has(type))
export const hiddenFinding = (run: HiddenRun): Finding => ({ type: 'hidden-text', ...run, confidence: 0.9, reason: 'characters that print nothing' })
export const inOrder = (findings: Finding[]): Finding[] => findings.sort((a, b) => a.start - b.start || a.end - b.end)

function finish<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

function inspectSpans(folded: Folded, options: InspectOptions): Finding[] {
  const { spans } = new SpanScanner(detectorsFor(options)).advance(folded.text, true)
  let reached = 0
  const findings: Finding[] = []
  for (const { type, start, end, confidence, reason } of spans) {
    const finding = { type, start: Math.max(reached, originalStart(folded, start)), end: originalEnd(folded, end), confidence, reason }
    if (finding.start >= finding.end) continue
    findings.push(finding)
    reached = finding.end
  }
  return findings
}
