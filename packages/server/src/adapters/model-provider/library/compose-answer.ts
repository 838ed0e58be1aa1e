import { hasSubject, languageOf, languages, toTerms, wordsOf, type Language, type Question } from '../../../kernel/words/index.ts'
import type { GroundingPassage } from '../../../ports/model-provider.ts'
import { toBlocks, type Block } from './blocks.ts'

/** Below this share of the question nothing is claimed. Set by `calibration.test.ts`: questions of the handbook's lie above, others below. */
export const KNOWN_SCORE = 0.48
/** Below this share in one sentence with its headings neither: words that stand far apart are about something else. */
export const KNOWN_EVIDENCE = 0.4
/** How much more of the question a sentence must hold to go before a passage that was found one place earlier. */
const PLACE_WEIGHT = 0.15
/** A second passage speaks only when its best sentence brings this much of the question that was not yet said. */
const NEWS_SHARE = 0.1
const MOST_SECONDS = 2
/** Words taken from the first passage: from the sentence that fits best to about here; code and lists are never cut. */
const ENOUGH_WORDS = 90
/** A paragraph longer than this gives its best sentences only. */
const LONG_PARAGRAPH = 60
/** So many rows or items of a long table or list. */
const MOST_PARTS = 3
/** A heading that holds this share of the question makes its whole section the answer. */
const HEADING_SHARE = 0.5

interface Read { readonly passage: GroundingPassage; readonly blocks: readonly Block[]; readonly language: Language }
/** How much of the question a piece of text holds, 0 to 1. */
type Share = (text: string, language: Language) => number
/** `counted` takes each word alike; `weighed` asks more of those that few sentences at hand hold. */
interface Shares { readonly counted: Share; readonly weighed: Share }

/**
 * An answer made of the passages' own sentences, with `[n]` after what passage n says; null when they do not answer the question.
 * Passages come best first.
 */
export function composeAnswer(question: Question, passages: readonly GroundingPassage[]): string | null {
  const read = passages.map((passage): Read => ({ passage, blocks: toBlocks(passage.text), language: languageOf(passage.text) })).filter(({ blocks }) => blocks.length > 0)
  const shares = sharesOf(question, read)
  if (shares === null) return null
  const known = read.map((one, at) => ({ ...one, at, held: evidence(one, shares.counted) })).filter(({ passage, held }) => passage.score >= KNOWN_SCORE && held >= KNOWN_EVIDENCE)
  const main = known.toSorted((left, right) => precedence(right) - precedence(left))[0]
  if (main === undefined) return null
  const others = known.filter((one) => one !== main)
  const paragraphs = mainParagraphs(main, shares.weighed)
  return [...paragraphs, ...secondSentences(others, { share: shares.weighed, said: paragraphs.join('\n') })].join('\n\n')
}

/** The order in which passages were found counts, and a sentence that holds more of the question may go before. */
const precedence = ({ at, held }: { readonly at: number; readonly held: number }) => held - at * PLACE_WEIGHT

/** How much of the question stands together: in one sentence, list or block of code, beneath its headings. */
const evidence = (one: Read, share: Share): number =>
  Math.max(0, ...partsOf(one).map((sentence) => share(`${one.passage.title} ${one.passage.heading}\n${sentence}`, one.language)))

function sharesOf(question: Question, read: readonly Read[]): Shares | null {
  const written = languages.filter((language) => read.some((one) => one.language === language))
  const words = wordsOf(question, written)
  if (!hasSubject(words)) return null
  const sentences = read.flatMap((one) => partsOf(one).map((sentence) => new Set(toTerms(sentence, one.language))))
  const rarity = words.map(({ terms }) => Math.log(1 + (sentences.length + 1) / (1 + sentences.filter((held) => terms.some((term) => held.has(term))).length)))
  const shareBy = (weights: readonly number[]): Share => {
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    return (text, language) => {
      const held = new Set(toTerms(text, language))
      return words.reduce((sum, { terms }, at) => sum + (terms.some((term) => held.has(term)) ? weights[at] ?? 0 : 0), 0) / whole
    }
  }
  return { counted: shareBy(words.map(({ weight }) => weight)), weighed: shareBy(words.map(({ weight }, at) => weight * (rarity[at] ?? 0))) }
}

const partsOf = ({ blocks }: Read): readonly string[] => blocks.flatMap(({ parts }) => parts)
const countWords = (text: string) => text.match(/\S+/g)?.length ?? 0
const isLeadIn = (block: Block | undefined) => block?.kind === 'prose' && /[:：]\**$/.test(block.text.trimEnd())

/** What the best passage says: from the block that fits best on, with what leads into it and what it leads into. */
function mainParagraphs({ passage, blocks, language }: Read, share: Share): readonly string[] {
  const shares = blocks.map((block) => Math.max(share(block.text, language), ...block.parts.map((part) => share(part, language))))
  const whole = share(`${passage.title} ${passage.heading}`, language) >= HEADING_SHARE
  let at = whole ? 0 : shares.indexOf(Math.max(...shares))
  if (at > 0 && (isLeadIn(blocks[at - 1]) || blocks[at]?.kind !== 'prose')) at -= 1
  const taken: Block[] = []
  let words = 0
  for (const block of blocks.slice(at)) {
    if (words >= ENOUGH_WORDS && !isLeadIn(taken.at(-1))) break
    if (block.kind !== 'prose' && taken.length > 0 && words + countWords(block.text) > ENOUGH_WORDS * 3) break
    const kept = (block.kind === 'prose' ? shortened : trimmed)(block, { share: (text) => share(text, language), whole })
    taken.push(kept)
    words += countWords(kept.text)
  }
  if (isLeadIn(taken.at(-1)) && taken.length > 1) taken.pop()
  return cited(taken, passage)
}

interface Cutting { readonly share: (text: string) => number; readonly whole: boolean }

/** A long paragraph gives the sentence that fits best and those beside it. */
function shortened(block: Block, { share, whole }: Cutting): Block {
  if (whole || countWords(block.text) <= LONG_PARAGRAPH) return { ...block, text: joined(block.parts) }
  const shares = block.parts.map(share)
  const best = shares.indexOf(Math.max(...shares))
  let from = best
  let to = best + 1
  while (countWords(joined(block.parts.slice(from, to))) < LONG_PARAGRAPH * 0.75 && (from > 0 || to < block.parts.length)) {
    if (to < block.parts.length) to += 1
    else from -= 1
  }
  return { ...block, text: joined(block.parts.slice(from, to)) }
}

/** Sentences one behind the other; those of scripts without spaces without one. */
const joined = (sentences: readonly string[]) => sentences.join(' ').replaceAll(/([。！？]) /gu, '$1')

/** A long table gives the rows that fit best, and a long list its items, in their order. Steps, code and what is short stay whole. */
function trimmed(block: Block, { share }: Cutting): Block {
  const isSteps = block.kind === 'list' && /^ {0,3}\d/.test(block.text)
  if (block.kind === 'code' || isSteps || countWords(block.text) <= ENOUGH_WORDS) return block
  const shares = block.parts.map(share)
  const least = shares.toSorted((left, right) => right - left)[MOST_PARTS - 1] ?? 0
  const kept = block.parts.filter((_, at) => (shares[at] ?? 0) >= least && (shares[at] ?? 0) > 0).slice(0, MOST_PARTS)
  return { ...block, text: [...(block.head === '' ? [] : [block.head]), ...kept].join('\n') }
}

/** Puts the passage's number behind its prose; where there is none, a line that says where it is from goes before. */
function cited(blocks: readonly Block[], { number, title, heading }: GroundingPassage): readonly string[] {
  const texts = blocks.map((block) => (block.kind === 'prose' ? behind(withoutNumbers(block.text), number) : block.kind === 'code' ? block.text : withoutNumbers(block.text)))
  return blocks.some(({ kind }) => kind === 'prose') ? texts : [`${withoutNumbers(heading === '' ? title : heading)} [${number}]:`, ...texts]
}

const behind = (text: string, number: number) => (/[:：]$/.test(text) ? `${text.slice(0, -1)} [${number}]:` : `${text} [${number}]`)
/** What looks like a citation in a document is not one of ours. */
const withoutNumbers = (text: string) => text.replace(/\[(\d{1,3})\]/g, '($1)')

function secondSentences(others: readonly Read[], { share, said }: { readonly share: Share; readonly said: string }): readonly string[] {
  const found: string[] = []
  for (const { passage, blocks, language } of others) {
    if (found.length >= MOST_SECONDS) break
    const before = share(`${said}\n${found.join('\n')}`, language)
    const [best] = blocks.flatMap((block) => (block.kind === 'prose' ? block.parts : [])).filter((sentence) => !/[:：]$/.test(sentence))
      .map((text) => ({ text, news: share(`${said}\n${found.join('\n')}\n${text}`, language) - before }))
      .toSorted((left, right) => right.news - left.news)
    if (best !== undefined && best.news >= NEWS_SHARE) found.push(behind(withoutNumbers(best.text), passage.number))
  }
  return found
}
