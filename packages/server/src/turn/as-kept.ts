import { redact, spanTypes, type Finding } from '@sallyport/guard'
import { storing } from '../policy/guarding.ts'
import { createCalmInspection } from './inspect-calmly.ts'

/** A text as it may be stored, by the rows of `storing` (PRI-2). `findings` are values alone. */
export const asKept = (text: string, findings: readonly Finding[]): string => redact(text, findings, ({ type }) => (storing[type] === 'keep' ? 'allow' : storing[type])).text

/** The types of which something is not stored as it was found. */
const changed = new Set(spanTypes.filter((type) => storing[type] !== 'keep'))

/** What was not stored as it was, by type. */
export interface MaskedCount { readonly type: string; readonly count: number }

/** Inspects a text that somebody gives to be kept, such as a document, and leaves out what may not be stored. A long text gives others their turn. */
export async function keepable(text: string): Promise<{ readonly text: string; readonly masked: readonly MaskedCount[] }> {
  const findings = await createCalmInspection(new AbortController().signal)(text, { types: changed })
  const counts = new Map<string, number>()
  for (const { type } of findings) counts.set(type, (counts.get(type) ?? 0) + 1)
  return { text: asKept(text, findings), masked: [...counts].map(([type, count]) => ({ type, count })) }
}
