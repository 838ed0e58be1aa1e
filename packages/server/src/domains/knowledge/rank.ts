/** Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009), the same for every engine of the store. */
const SATURATION = 1.2
const LENGTH_WEIGHT = 0.75

export interface Statistics { readonly passages: number; readonly words: number }
/** One word of the question: in how many passages it stands, and how much it counts. */
export interface WeighedWord { readonly passages: number; readonly weight: number }

/** How much a word tells: never below zero. */
const rarity = (passages: number, all: number) => Math.log(1 + (all - Math.min(passages, all) + 0.5) / (Math.min(passages, all) + 0.5))

/**
 * Gives the scorer of a question over a body of passages. A score is BM25 as a share of what the question asks for: about 1 where each of its words stands
 * once in a passage of usual length, about 0.5 where a half of it, by weight, is nowhere in the passage. A word that is in no document weighs most.
 */
export function createScorer(words: readonly WeighedWord[], { passages, words: length }: Statistics) {
  const values = words.map((word) => word.weight * rarity(word.passages, passages))
  const whole = values.reduce((sum, value) => sum + value, 0)
  const usualLength = passages === 0 ? 1 : Math.max(1, length / passages)
  return (counts: readonly number[], passageLength: number): number => {
    const damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * (passageLength / usualLength))
    const sum = values.reduce((total, value, at) => {
      const count = counts[at] ?? 0
      return total + (count === 0 ? 0 : (value * count * (SATURATION + 1)) / (count + damping))
    }, 0)
    return whole === 0 ? 0 : sum / whole
  }
}
