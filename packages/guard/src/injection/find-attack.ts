import { fold, type Folded, originalEnd, originalStart } from '../core/fold.ts'
import type { Finding } from '../finding.ts'
import { injectionTypes, judgeInjection } from './judge.ts'

/** A longer text is judged stretch by stretch, so that no single step takes longer than a stretch does. An attack is said within one. */
export const stretchCharacters = 16_384
const overlap = 1024

/** The attack in a text no longer than a stretch; null when there is none. */
export function findAttack(text: string, folded: Folded): Finding | null {
  const { type, span, confidence, how } = judgeInjection(text, folded)
  if (type === null || text === '') return null
  const start = span === null ? 0 : originalStart(folded, Math.min(span.start, folded.text.length - 1))
  const end = span === null ? text.length : Math.max(start, originalEnd(folded, Math.min(span.end, folded.text.length)))
  return { type, start, end, confidence, reason: how === 'plain' ? 'wording of an attack on instructions' : `attack on instructions, ${how}` }
}

/** The worst attack in a text of any length. Yields after each stretch of it. */
export function* findAttackInStretches(text: string): Generator<void, Finding | null> {
  let worst: Finding | null = null
  for (let from = 0; from === 0 || from + overlap < text.length; from += stretchCharacters - overlap) {
    const start = from > 0 && isLowSurrogate(text.charCodeAt(from)) ? from - 1 : from
    const stretch = text.slice(start, from + stretchCharacters)
    const attack = findAttack(stretch, fold(stretch))
    if (attack !== null && (worst === null || isWorse(attack, worst))) worst = { ...attack, start: start + attack.start, end: start + attack.end }
    yield
  }
  return worst
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

function isWorse(attack: Finding, other: Finding): boolean {
  const rank = ({ type }: Finding): number => injectionTypes.findIndex((known) => known === type)
  return rank(attack) < rank(other) || (rank(attack) === rank(other) && attack.confidence > other.confidence)
}
