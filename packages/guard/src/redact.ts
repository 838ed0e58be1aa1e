import { type DetectorType, spanDetectors } from './detectors/registry.ts'
import type { Action, Finding } from './finding.ts'

export type Verdict = 'pass' | 'challenge' | 'block'

export interface Redacted {
  readonly text: string
  /** How many spans were replaced or removed, by type: what the user is told. */
  readonly changed: ReadonlyMap<DetectorType, number>
  readonly verdict: Verdict
}

const placeholders = new Map<DetectorType, string>([['hidden-text', ''], ...spanDetectors.map((detector) => [detector.type, `[${detector.placeholder}]`] as const)])

/** What stands in the text for a masked finding of this type: `[EMAIL]`. */
export const placeholderFor = (type: DetectorType): string => placeholders.get(type) ?? `[${type.toUpperCase().replaceAll('-', '_')}]`

/** What takes the place of one finding, or null when it stays as it is. Masks stand in for `pseudonymise` too, where no map of stand-ins is at hand. */
export function replacementFor(type: DetectorType, action: Action): string | null {
  if (action === 'drop') return ''
  return action === 'mask' || action === 'pseudonymise' ? placeholderFor(type) : null
}

/** Does to a text what `actionOf` says about each finding. `findings` are those of `inspect` on the same text. */
export function redact(text: string, findings: readonly Finding[], actionOf: (finding: Finding) => Action): Redacted {
  const changed = new Map<DetectorType, number>()
  let verdict: Verdict = 'pass'
  let cleared = ''
  let position = 0
  for (const finding of findings) {
    const action = actionOf(finding)
    if (action === 'block') verdict = 'block'
    if (action === 'challenge' && verdict === 'pass') verdict = 'challenge'
    const replacement = replacementFor(finding.type, action)
    if (replacement === null || finding.end <= position) continue
    cleared += text.slice(position, finding.start) + replacement
    position = finding.end
    changed.set(finding.type, (changed.get(finding.type) ?? 0) + 1)
  }
  return { text: cleared + text.slice(position), changed, verdict }
}
