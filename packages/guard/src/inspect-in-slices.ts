import { sliceHiddenText } from './detectors/hidden-text.ts'
import type { Finding, InspectOptions } from './finding.ts'
import { findAttackInStretches } from './injection/find-attack.ts'
import { hiddenFinding, inOrder, wantsAttacks, wantsHiddenText } from './inspect.ts'
import { createStreamGuard } from './stream.ts'

/** So many characters are looked at between two yields. */
const sliceCharacters = 4096

/**
 * What `inspect` finds, found in bounded steps: yields after every `sliceCharacters` of text, or stretch of it judged as an
 * attack, and returns the findings. Whoever drives it decides what happens in between.
 */
export function* inspectInSlices(text: string, options: InspectOptions = {}): Generator<void, readonly Finding[]> {
  const findings: Finding[] = []
  const guard = createStreamGuard({
    ...options,
    actionOf: (finding) => {
      findings.push(finding)
      return 'allow'
    },
  })
  for (let from = 0; from < text.length; from += sliceCharacters) {
    guard.push(text.slice(from, from + sliceCharacters))
    yield
  }
  guard.end()
  const { types } = options
  const before = findings.length
  if (wantsHiddenText(types)) for (const run of yield* sliceHiddenText(text, sliceCharacters)) findings.push(hiddenFinding(run))
  const attack = wantsAttacks(types) ? yield* findAttackInStretches(text) : null
  if (attack !== null && types?.has(attack.type) !== false) findings.push(attack)
  return findings.length === before ? findings : inOrder(findings)
}
