import type { Language } from './languages.ts'
import { stemEnglish } from './stem-english.ts'

/**
 * Light stemming: of each pass, the first ending that leaves enough of the word is replaced. Endings are written folded, because they
 * are applied to folded words. After J. Savoy, "Light stemming approaches for the French, Portuguese, German and Hungarian languages" (2006).
 */
interface Endings { readonly shortestStem: number; readonly passes: readonly (readonly (readonly [ending: string, replacement: string])[])[] }

const dropped = (endings: string): readonly (readonly [string, string])[] => endings.split(' ').map((ending) => [ending, ''])

const german: Endings = { shortestStem: 4, passes: [
  dropped('innen ern nen em en er es e s n'),
  dropped('ungen heiten keiten igkeit ung heit keit'),
  dropped('isch lich ig'),
] }
const french: Endings = { shortestStem: 3, passes: [
  [['eaux', 'eau'], ['aux', 'al'], ['s', ''], ['x', '']],
  [['issement', ''], ['atrice', ''], ['ateur', ''], ['ation', ''], ['ement', ''], ...dropped('aient eront erait erai era ait ant ment ees ee er ez ir if ive'), ['e', '']],
  dropped('ion e i'),
] }
const spanish: Endings = { shortestStem: 3, passes: [
  [['aciones', ''], ['iciones', ''], ['ces', 'z'], ['es', ''], ['s', '']],
  dropped('amiento imiento amente mente acion icion adora ador ando iendo aron ieron aba ia ado ada ido ida ar er ir'),
  dropped('o a e'),
] }
const italian: Endings = { shortestStem: 3, passes: [
  dropped('azioni azione amento amenti imento imenti mente atore atori ando endo ato ata ati ate ito ita iti ite are ere ire'),
  [['chi', 'c'], ['ghi', 'g'], ['che', 'c'], ['ghe', 'g'], ...dropped('ie io ia i e o a')],
] }
const portuguese: Endings = { shortestStem: 3, passes: [
  [['oes', 'ao'], ['aes', 'ao'], ['ais', 'al'], ['eis', 'el'], ['ns', 'm'], ['res', 'r'], ['s', '']],
  dropped('amento imento amente mente acao icao adora ador ando endo indo aram eram ava ia ado ada ido ida ar er ir'),
  dropped('o a e'),
] }
const dutch: Endings = { shortestStem: 3, passes: [
  [['heden', 'heid'], ...dropped('ingen ing eren en es e s')],
  [['bb', 'b'], ['dd', 'd'], ['gg', 'g'], ['kk', 'k'], ['ll', 'l'], ['mm', 'm'], ['nn', 'n'], ['pp', 'p'], ['rr', 'r'], ['ss', 's'], ['tt', 't']],
] }
const nordic: Endings = { shortestStem: 3, passes: [
  dropped('heterna erna arna orna erne ene ande ende heten het ar er or en et na te de a e s'),
  dropped('ning ing lig ig'),
] }
const russian: Endings = { shortestStem: 3, passes: [
  dropped('иями ями ами иях ях ах ией ией ием ий ый ой ая яя ое ее ые ие ого его ому ему ыми ими ешь ишь ете ите ает яет ают яют ала ила али или ать ять ить еть ов ев ам ям ом ем ей ия ья ью а е и й о у ы ь ю я л'),
  dropped('ени ани ост н'),
] }

function stripped(word: string, { passes, shortestStem }: Endings): string {
  return passes.reduce((rest, pass) => {
    const rule = pass.find(([ending, replacement]) => rest.endsWith(ending) && rest.length - ending.length + replacement.length >= shortestStem)
    return rule === undefined ? rest : rest.slice(0, rest.length - rule[0].length) + rule[1]
  }, word)
}

const stemmers: Readonly<Record<Language, (word: string) => string>> = {
  english: stemEnglish,
  german: (word) => stripped(word, german),
  french: (word) => stripped(word, french),
  spanish: (word) => stripped(word, spanish),
  italian: (word) => stripped(word, italian),
  portuguese: (word) => stripped(word, portuguese),
  dutch: (word) => stripped(word, dutch),
  nordic: (word) => stripped(word, nordic),
  russian: (word) => stripped(word, russian),
  other: (word) => word,
}

const SPELLED = /^\p{L}+$/u

/** The stem of a folded word in a language. Words with digits stay as they are. */
export const stem = (word: string, language: Language): string => (SPELLED.test(word) ? stemmers[language](word) : word)
