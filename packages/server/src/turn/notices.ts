import type { Notice } from '@sallyport/contract'
import type { DetectorType, Finding, Surface } from '@sallyport/guard'
import type { Guarding } from '../policy/guarding.ts'
import type { ActionOf } from './rewrite.ts'

/** The policy's action for a finding on a surface. Stand-ins are for third parties: a model of this house sees what its owner wrote. */
export const actionOn = (guarding: Guarding, surface: Surface, isThirdParty: boolean): ActionOf => ({ type }) => {
  const action = guarding[type][surface]
  return action === 'pseudonymise' && !isThirdParty ? 'allow' : action
}

interface Found { readonly place: Notice['place']; readonly counts: Iterable<{ readonly type: DetectorType; readonly count: number }> }

/** Adds up findings of one place into notices: type, action and count, never a value (GRD-9). */
export function toNotices(actionOf: ActionOf, { place, counts }: Found): readonly Notice[] {
  const notices: Notice[] = []
  for (const { type, count } of counts) {
    const action = actionOf({ type })
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
