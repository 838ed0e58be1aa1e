import type { ModerationCategory } from '../../../kernel/hazards.ts'

/** How far apart the words of a rule may stand, and so how much of a stream must be seen together. */
export const RULE_SPAN_CHARACTERS = 160

/** `stems` are what every match of `near` holds: looking for them first costs next to nothing, and almost every text ends there. */
interface Rule { readonly category: ModerationCategory; readonly any: RegExp; readonly near: RegExp; readonly stems: readonly string[] }

const CHILD = /\b(?:child(?:ren)?|minors?|under-?aged?|pre-?teens?|toddlers?|\d{1,2}[ -]year[ -]olds?|kind(?:er)?|minderjährige\w*|enfants?|mineure?s?|niñ[oa]s?|menor(?:es)?)\b/giu
const SEXUAL = /\b(?:porn\w*|nudes?|naked|erotic\w*|sexual (?:act|content|story|fantasy|photo|picture|image)s?|nackt\w*|pornograph\w*|desnud[oa]s?|\bnues?\b)\b/iu
const MAKE = /\b(?:synthesi[sz]\w*|manufactur\w*|make|making|build(?:ing)?|cultur(?:e|ing)|weaponi[sz]\w*|aerosoli[sz]\w*|herstell\w*|bauen|fabriquer|fabricar|sintetizar)\b/giu
const MASS_WEAPON = /\b(?:sarin|novichok|vx (?:gas|agent|nerve)|nerve (?:agent|gas)|nervengift|ricin|anthrax spores?|weaponi[sz]ed (?:anthrax|smallpox)|dirty bomb|mustard gas|gaz sarin)\b/iu
const WANT = /\b(?:how (?:do|can|should|to|could)|best way|easiest way|painless\w*|wie (?:kann|soll|mache)|comment|cómo)\b/giu
const SELF_HARM = /\b(?:kill(?:ing)? myself|commit(?:ting)? suicide|hang(?:ing)? myself|end(?:ing)? my (?:own )?life|cut(?:ting)? myself|mich (?:umbringen|töten)|me (?:suicider|tuer)|suicidarme|matarme)\b/iu

/** Pairs of words that belong together only in the wrong company. Few and narrow: they are on for everyone, so they must not cry wolf. */
const rules: readonly Rule[] = [
  { category: 'child-exploitation', any: CHILD, near: SEXUAL, stems: ['porn', 'nude', 'naked', 'erotic', 'sexual ', 'nackt', 'desnud', 'nue'] },
  { category: 'indiscriminate-weapons', any: MAKE, near: MASS_WEAPON, stems: ['sarin', 'novichok', 'vx ', 'nerve', 'ricin', 'anthrax', 'smallpox', 'dirty bomb', 'mustard gas'] },
  { category: 'self-harm', any: WANT, near: SELF_HARM, stems: ['myself', 'suicid', 'my life', 'my own life', 'mich umbringen', 'mich töten', 'me tuer', 'matarme'] },
]

/** The categories whose words stand near each other. Linear in the text: both expressions are, and each first word looks at a bounded stretch, at most `MOST_PLACES` times. */
export function matchRules(text: string): readonly ModerationCategory[] {
  const folded = text.toLowerCase()
  return rules.filter(({ any, near, stems }) => stems.some((stem) => folded.includes(stem)) && near.test(text) && standsNear(text, any, near)).map(({ category }) => category)
}

const MOST_PLACES = 2_000

function standsNear(text: string, any: RegExp, near: RegExp): boolean {
  let places = 0
  for (const { index } of text.matchAll(any)) {
    if (near.test(text.slice(Math.max(0, index - RULE_SPAN_CHARACTERS), index + RULE_SPAN_CHARACTERS))) return true
    places += 1
    // So many harmless uses of a word are a text about it; the rest is taken whole, on the safe side.
    if (places >= MOST_PLACES) return true
  }
  return false
}
