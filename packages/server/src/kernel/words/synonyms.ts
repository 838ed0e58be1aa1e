import { stemEnglish } from './stem-english.ts'

/** English words that people use for one another when they ask about a program. Folded; each word in one group at most. */
const groups = [
  'delete remove erase', 'make create generate', 'change modify edit alter adjust', 'start run launch begin boot', 'stop halt quit abort cancel interrupt',
  'add upload import attach', 'need require requirement prerequisite', 'colleague coworker teammate people', 'choose select pick', 'fix repair solve mend',
  'password passphrase', 'answer reply response', 'setting option configuration preference', 'place location path', 'computer machine pc laptop',
  'move migrate transfer', 'forget forgot forgotten', 'phone mobile smartphone', 'display view', 'link url', 'limit maximum quota',
].map((group) => group.split(' '))

const byStem = new Map(groups.flatMap((group) => group.map((word) => [stemEnglish(word), group] as const)))

/** The word itself, and after it those that may stand for it. */
export const synonymsOf = (word: string): readonly string[] => [word, ...(byStem.get(stemEnglish(word)) ?? [])]
