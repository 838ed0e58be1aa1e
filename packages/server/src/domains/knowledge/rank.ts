/** Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009), the same for every engine of the store. */
const SATURATION = 1.2
const LENGTH_WEIGHT = 0.75

export interface Statistics { readonly passages: number; readonly words: number }
/** One word of the question: in how many passages it stands, and how much it counts. */
export interface WeighedWord { readonly passages: number; readonly weight: number }

/** How much a word tells: never below zero. */
const rarity = (passages: number, all: number) => Math.log(1 + (all - Math.min(passages, all) + 0.5) / (Math.min(passages, all) + 0.5))

/** How well a passage fits. `rank` orders passages: BM25. `share` is how much of the question it holds at all, 0 to 1: a word that is in no document weighs most. */
export interface Fit { readonly rank: number; readonly share: number }

/** Gives the measure of a question over a body of passages: from how often each word stands in a passage, and the passage's length in words. */
export function createMeasure(words: readonly WeighedWord[], { passages, words: length }: Statistics): (counts: readonly number[], passageLength: number) => Fit {
  const values = words.map((word) => word.weight * rarity(word.passages, passages))
  const whole = values.reduce((sum, value) => sum + value, 0)
  const usualLength = passages === 0 ? 1 : Math.max(1, length / passages)
  return (counts, passageLength) => {
    const damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * (passageLength / usualLength))
    let rank = 0
    let held = 0
    values.forEach((value, at) => {
      const count = counts[at] ?? 0
      if (count === 0) return
      rank += (value * count * (SATURATION + 1)) / (count + damping)
      held += value
    })
    return { rank, share: whole === 0 ? 0 : held / whole }
  }
}
