import type { Notice } from '@sallyport/contract'
import type { Action, DetectorType, Finding, Surface } from '@sallyport/guard'
import type { Guarding } from '../policy/guarding.ts'

/** The policy's action for a finding on a surface. */
export const actionOn = (guarding: Guarding, surface: Surface) => (finding: Pick<Finding, 'type'>): Action => guarding[finding.type][surface]

interface Found { readonly place: Notice['place']; readonly surface: Surface; readonly counts: Iterable<{ readonly type: DetectorType; readonly count: number }> }

/** Adds up findings of one place into notices: type, action and count, never a value (GRD-9). */
export function toNotices(guarding: Guarding, { place, surface, counts }: Found): readonly Notice[] {
  const notices: Notice[] = []
  for (const { type, count } of counts) {
    const action = guarding[type][surface]
    if (action !== 'allow' && count > 0) notices.push({ place, type, action, count })
  }
  return notices
}

/** One notice per place, type and action. */
export function mergeNotices(notices: readonly Notice[]): readonly Notice[] {
  const merged = new Map<string, Notice>()
  for (const notice of notices) {
    const key = `${notice.place} ${notice.type} ${notice.action}`
    merged.set(key, { ...notice, count: notice.count + (merged.get(key)?.count ?? 0) })
  }
  return [...merged.values()]
}

/** How often each type was found. */
export function countTypes(findings: readonly Pick<Finding, 'type'>[]): readonly { readonly type: DetectorType; readonly count: number }[] {
  const counts = new Map<DetectorType, number>()
  for (const { type } of findings) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => ({ type, count }))
}
