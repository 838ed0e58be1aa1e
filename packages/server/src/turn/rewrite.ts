import { pseudonymise, redact, type Action, type DetectorType, type Finding, type PseudonymMap } from '@sallyport/guard'

export type ActionOf = (finding: Pick<Finding, 'type'>) => Action
export interface Rewritten { readonly text: string; readonly map: PseudonymMap }

/** Does to a text what the policy says of each finding: stand-ins where it says so, masks and gaps elsewhere. `map` grows by new stand-ins. */
export function rewrite(text: string, findings: readonly Finding[], { actionOf, map }: { readonly actionOf: ActionOf; readonly map: PseudonymMap }): Rewritten {
  const swapped = findings.filter((finding) => actionOf(finding) === 'pseudonymise')
  const others = findings.filter((finding) => actionOf(finding) !== 'pseudonymise')
  if (swapped.length === 0) return { text: redact(text, findings, actionOf).text, map }
  const result = pseudonymise(text, swapped, map)
  const standIns = new Map<string, string>(result.map.map(({ type, original, standIn }) => [keyOf(type, original), standIn]))
  const growth = swapped.map(({ type, start, end }) => ({ end, by: (standIns.get(keyOf(type, text.slice(start, end)))?.length ?? end - start) - (end - start) }))
  const moved = (position: number) => growth.reduce((sum, { end, by }) => (end <= position ? sum + by : sum), position)
  return { text: redact(result.text, others.map((finding) => ({ ...finding, start: moved(finding.start), end: moved(finding.end) })), actionOf).text, map: result.map }
}

const keyOf = (type: DetectorType, original: string) => `${type} ${original}`
