import { ZxcvbnFactory } from '@zxcvbn-ts/core'
// The packages' own index would bring every list they have.
import adjacencyGraphs from '@zxcvbn-ts/language-common/dist/adjacencyGraphs.json.mjs'
import passwords from '@zxcvbn-ts/language-common/dist/passwords.json.mjs'
import commonWords from '@zxcvbn-ts/language-en/dist/commonWords.json.mjs'
import firstnames from '@zxcvbn-ts/language-en/dist/firstnames.json.mjs'
import translations from '@zxcvbn-ts/language-en/dist/translations.mjs'

/** What a typed password is worth, in the estimator's five steps, and what would make it better. */
export interface Estimate {
  readonly score: 0 | 1 | 2 | 3 | 4
  readonly guessesLog10: number
  readonly advice: string | null
}

// The lists that decide nearly all: the rest of the server's lists would double what a phone has to fetch. The server decides with all of them.
const estimator = new ZxcvbnFactory({
  translations, graphs: adjacencyGraphs,
  dictionary: { passwords, commonWords, firstnames },
})

/** Estimates a password here, in the page: nothing of it is sent anywhere (zxcvbn, Wheeler 2016). `context` holds words that an attacker would try first. */
export function estimate(password: string, context: readonly string[]): Estimate {
  const { score, guessesLog10, feedback } = estimator.check(password, context.filter((word) => word !== ''))
  return { score, guessesLog10, advice: feedback.warning ?? feedback.suggestions[0] ?? null }
}
