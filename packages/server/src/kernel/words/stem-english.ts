/** English (Porter2): https://snowballstem.org/algorithms/english/stemmer.html, without its list of exceptional words. */
type Rule = readonly [suffix: string, replacement: string]

const VOWEL = /[aeiouy]/
const DOUBLE = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/
const SHORT_SYLLABLE = /(?:^[aeiouy][^aeiouy]|[^aeiouy][aeiouy][^aeiouywxY])$/
const VALID_LI = /[cdeghkmnrt]$/

const secondStep: readonly Rule[] = [
  ['ational', 'ate'], ['fulness', 'ful'], ['iveness', 'ive'], ['ization', 'ize'], ['ousness', 'ous'], ['biliti', 'ble'], ['lessli', 'less'],
  ['tional', 'tion'], ['alism', 'al'], ['aliti', 'al'], ['ation', 'ate'], ['entli', 'ent'], ['fulli', 'ful'], ['iviti', 'ive'], ['ousli', 'ous'],
  ['abli', 'able'], ['alli', 'al'], ['anci', 'ance'], ['ator', 'ate'], ['enci', 'ence'], ['izer', 'ize'], ['bli', 'ble'], ['ogi', 'og'], ['li', ''],
]
const thirdStep: readonly Rule[] = [
  ['ational', 'ate'], ['tional', 'tion'], ['alize', 'al'], ['ative', ''], ['icate', 'ic'], ['iciti', 'ic'], ['ical', 'ic'], ['ness', ''], ['ful', ''],
]
const fourthStep: readonly Rule[] = [
  'ement', 'able', 'ance', 'ence', 'ible', 'ment', 'ant', 'ate', 'ent', 'ion', 'ism', 'iti', 'ive', 'ize', 'ous', 'al', 'er', 'ic',
].map((suffix) => [suffix, ''])

/** Where the region after the first consonant that follows a vowel begins. */
function regionFrom(word: string, from: number): number {
  const found = /[aeiouy][^aeiouy]/.exec(word.slice(from))
  return found === null ? word.length : from + found.index + 2
}
const firstRegion = (word: string) => {
  const exception = /^(?:gener|commun|arsen)/.exec(word)
  return exception === null ? regionFrom(word, 0) : exception[0].length
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2)
  if (/ie[ds]$/.test(word)) return word.length > 4 ? word.slice(0, -2) : word.slice(0, -1)
  if (!word.endsWith('s') || /[us]s$/.test(word)) return word
  return VOWEL.test(word.slice(0, -2)) ? word.slice(0, -1) : word
}

function withoutTense(word: string, region: number): string {
  const kept = /^(.*?)eed(?:ly)?$/.exec(word)
  if (kept?.[1] !== undefined) return kept[1].length >= region ? `${kept[1]}ee` : word
  const stem = /^(.*?)(?:ed|ing)(?:ly)?$/.exec(word)?.[1]
  if (stem === undefined || !VOWEL.test(stem)) return word
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`
  if (DOUBLE.test(stem)) return stem.slice(0, -1)
  return firstRegion(stem) >= stem.length && SHORT_SYLLABLE.test(stem) ? `${stem}e` : stem
}

function derived(word: string, step: { readonly rules: readonly Rule[]; readonly region: number; readonly strict: number }): string {
  const rule = step.rules.find(([suffix]) => word.endsWith(suffix))
  if (rule === undefined) return word
  const [suffix, replacement] = rule
  const stem = word.slice(0, -suffix.length)
  if (stem.length < (suffix === 'ative' ? step.strict : step.region)) return word
  if (suffix === 'li' && !VALID_LI.test(stem)) return word
  if (suffix === 'ogi' && !stem.endsWith('l')) return word
  if (suffix === 'ion' && !/[st]$/.test(stem)) return word
  return stem + replacement
}

function withoutLast(word: string, region: number, strict: number): string {
  const stem = word.slice(0, -1)
  if (word.endsWith('e')) return stem.length >= strict || (stem.length >= region && !SHORT_SYLLABLE.test(stem)) ? stem : word
  return word.endsWith('ll') && stem.length >= strict ? stem : word
}

/** The stem of a folded English word: `keys` and `key`, `encrypted` and `encryption` have one. */
export function stemEnglish(folded: string): string {
  if (folded.length <= 2) return folded
  const marked = folded.replace(/^y|([aeiouy])y/g, (match) => `${match.slice(0, -1)}Y`)
  const region = firstRegion(marked)
  const strict = regionFrom(marked, region)
  let word = withoutTense(withoutPlural(marked), region)
  word = word.replace(/^(.+[^aeiouyY])[yY]$/, '$1i')
  word = derived(word, { rules: secondStep, region, strict })
  word = derived(word, { rules: thirdStep, region, strict })
  word = derived(word, { rules: fourthStep, region: strict, strict })
  return withoutLast(word, region, strict).toLowerCase()
}
