import { bracket, digit, isAlphanumeric, isDigit, plus } from '../core/characters.ts'
import { nationalLengths } from './calling-codes.ts'
import { charactersBefore, type Scan, type SpanDetector, wordsBefore } from '../core/detector.ts'
import { type Figures, isOfWord, lastWordBefore } from '../core/figures.ts'
import { Stems, StemTrail } from '../core/stem-trail.ts'

const longestPhone = 44
const announced = /\b(?:phone|tel\b|tel[.:]|telephone|mobile|cell|call|calls|called|dial|fax|sms|text|whatsapp|signal|telegram|viber|contact|reach|ring|hotline|desk|office|landline|handy|telefon\w*|rufnummer|mobil\w*|anruf\w*|t[ée]l[ée]phone|num[ée]ro|portable|appel\w*|tel[ée]fono|m[óo]vil|celular|ll[áa]ma\w*|cellulare|chiam\w*|telefone|liga\w*|telefoon\w*|bel|bellen|nummer|telefonnummer|puhelin|tlf)\b|电话|電話|手机|携帯|전화|телефон|тел\.|هاتف|फ़ोन|โทร|điện thoại/
const otherwise = /\b(?:order|invoice|ticket|tracking|track|part|sku|isbn|issn|version|serial|account|customer|reference|ref|coordinates|revision|art|article|id|oid|code|iban|card|request|po|amount|total|usd|eur|price|build|port|pid|ts|timestamp)\b[^\n]{0,16}$/
const announcing = new Stems(['phone', 'tel', 'mobil', 'cel', 'call', 'dial', 'fax', 'sms', 'text', 'whatsapp', 'signal', 'viber', 'contact', 'reach', 'ring', 'hotline', 'desk', 'office', 'landline', 'handy', 'nummer', 'anruf', 'numero', 'portable', 'appel', 'movil', 'llama', 'chiam', 'liga', 'bel', 'puhelin', 'tlf'], 'éóá电電手携전тهफโđ')
const opposing = new Stems(['order', 'invoice', 'ticket', 'track', 'part', 'sku', 'isbn', 'issn', 'version', 'serial', 'account', 'customer', 'ref', 'coordinates', 'revision', 'art', 'id', 'code', 'iban', 'card', 'request', 'po', 'amount', 'total', 'usd', 'eur', 'price', 'build', 'ts', 'timestamp'], '')
/** A telephone number: international ones by numbering plan, national ones by plan and form or by the words before them. */
export const phone = {
  type: 'phone',
  placeholder: 'PHONE',
  longest: longestPhone,
  triggers: digit | plus | bracket,
  scan(scan: Scan): number {
    const { text, final, figures } = scan
    const trails = { announcing: new StemTrail(announcing, text), opposing: new StemTrail(opposing, text) }
    let run = 0
    let runEnd = 0
    // Where the last word ended: asked at every figure, so kept in passing.
    let word = lastWordBefore(text, scan.from, reach)
    for (let index = scan.from; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (!isDigit(code) && code !== 43 && code !== 40) {
        if (isOfWord(code)) word = index
        continue
      }
      const before = index === 0 ? 32 : text.charCodeAt(index - 1)
      if (isGlue(before) && (isDigit(code) || isAlphanumeric(before))) {
        index = groupEnd(text, index) - 1
        continue
      }
      run = figures.next(index, run)
      // Most figures are told from telephone numbers by their own length and by what stands around them.
      if (isDigit(code) && isOther(text, figures, { run, isNamed: word >= index - reach, final })) {
        index = (figures.ends[run] ?? 0) - 1
        continue
      }
      const first = isDigit(code) ? index : index + 1
      const isPlain = isDigit(text.charCodeAt(first)) && !(first === index && text.charCodeAt(index + 1) === 43)
      // A run is measured once, however many numbers may begin in it.
      if (isPlain && first >= runEnd) runEnd = plainBreak(text, first)
      const stop = isPlain ? Math.min(runEnd, index + longestPhone) : signedBreak(text, index)
      if (stop === text.length && stop - index < longestPhone && !final) return index
      if (stop - index < fewestDigits) {
        index = groupEnd(text, isPlain ? first : index) - 1
        continue
      }
      const candidate = { text, start: index, stop, run, word: word >= index - reach ? word : -1, named: false, other: false }
      const cuts = hasAnnouncement(text, figures, candidate) ? cutsOf(text, figures, candidate) : 0
      const found = cuts === 0 ? null : bestCut(figures, candidate, trails)
      // What a bracket opens has the same ends without it.
      index = found === null ? groupEnd(text, cuts === 0 && isPlain ? first : index) - 1 : found.end - 1
      if (found !== null) scan.found({ start: candidate.start, end: found.end, confidence: found.confidence, reason: found.reason })
    }
    return text.length
  },
} as const satisfies SpanDetector

interface Surroundings {
  readonly run: number
  /** A word stands near enough before the run to announce it. */
  readonly isNamed: boolean
  readonly final: boolean
}

/** Whether no telephone number begins with this run: too few digits with nothing behind them to go on, or neither a word nor a form that needs none. */
function isOther(text: string, figures: Figures, { run, isNamed, final }: Surroundings): boolean {
  const end = figures.ends[run] ?? 0
  const length = runLength(figures, run)
  if (end >= text.length) return final && !isNamed && !isOwnForm(text.charCodeAt(end - length), length)
  const after = text.charCodeAt(end)
  return (length < fewestDigits && after !== 43 && !isSeparator(after)) || (!isNamed && !isOwnForm(text.charCodeAt(end - length), length))
}

const isGlue = (code: number): boolean => isAlphanumeric(code) || code === 95 || code === 43 || code === 46 || code === 45 || code === 47 || code === 35 || code === 36

function groupEnd(text: string, index: number): number {
  let end = index + 1
  if (!isDigit(text.charCodeAt(index))) return end
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  return end
}

const isSeparator = (code: number): boolean => code === 32 || code === 45 || code === 46 || code === 40 || code === 41 || code === 47

/** Where the digits that begin at `start` end: at most two separators between them. */
function plainBreak(text: string, start: number): number {
  let gap = 0
  let stop = start
  for (; stop < text.length && gap < 3; stop += 1) {
    const code = text.charCodeAt(stop)
    if (isDigit(code)) gap = 0
    else if (isSeparator(code)) gap += 1
    else return stop
  }
  return gap > 2 ? stop - 1 : stop
}

/** The same for a number that has a + in its first or second place, within what a number may span. */
function signedBreak(text: string, start: number): number {
  const highest = Math.min(text.length, start + longestPhone)
  let gap = 0
  let stop = text.charCodeAt(start) === 43 ? start + 1 : start
  for (; stop < highest; stop += 1) {
    const code = text.charCodeAt(stop)
    if (isDigit(code)) gap = 0
    else if (isSeparator(code) || (code === 43 && stop === start + 1)) gap += 1
    else break
    if (gap > 2) break
  }
  return stop
}

interface Found {
  readonly end: number
  readonly confidence: number
  readonly reason: string
}

const fewestDigits = 7
const mostDigits = 15
const mostTries = 3
const mostGroups = 6
const reach = 40

interface Candidate {
  readonly text: string
  readonly start: number
  readonly stop: number
  /** The first run of digits in it. */
  readonly run: number
  /** The last character of a word before it, within reach; -1 when there is none. */
  readonly word: number
  /** What the words before it say: that it is a telephone number, or another one. */
  named: boolean
  other: boolean
}

/** Whether a word stands before the candidate, or it has a form that needs none. A bracket opens figures or a plus. */
function hasAnnouncement(text: string, figures: Figures, candidate: Candidate): boolean {
  const { start, word } = candidate
  if (text.charCodeAt(start) === 40 && !isDigit(text.charCodeAt(start + 1)) && text.charCodeAt(start + 1) !== 43) return false
  return word >= 0 || hasOwnForm(text, figures, candidate)
}

interface Trails {
  readonly announcing: StemTrail
  readonly opposing: StemTrail
}

/** The longest cut at a group's end that is a telephone number. */
function bestCut(figures: Figures, candidate: Candidate, trails: Trails): Found | null {
  const { text, start, word } = candidate
  if (word < 0 || !hasWords(text, start)) return hasOwnForm(text, figures, candidate) ? firstJudged(text, figures, candidate) : null
  candidate.named = trails.announcing.isNear(start, reach) && announced.test(wordsBefore(text, start, reach))
  candidate.other = trails.opposing.isNear(start, reach) && otherwise.test(charactersBefore(text, start, reach))
  if (candidate.other && !candidate.named && text.charCodeAt(start) !== 43) return null
  return firstJudged(text, figures, candidate)
}

/** What no word need announce begins with +, a bracket, a zero, or a group of one or three digits. */
function hasOwnForm(text: string, figures: Figures, { start, run }: Candidate): boolean {
  return isOwnForm(text.charCodeAt(start), runLength(figures, run))
}

const isOwnForm = (code: number, length: number): boolean => !isDigit(code) || code === 48 || length === 1 || length === 3

const runLength = ({ starts, ends, count }: Figures, run: number): number => (run < count ? (ends[run] ?? 0) - (starts[run] ?? 0) : 0)

/** Whether a letter stands within reach before a number, or the end of a placeholder. */
function hasWords(text: string, start: number): boolean {
  const lowest = Math.max(0, start - reach)
  for (let index = start - 1; index >= lowest; index -= 1) {
    const code = text.charCodeAt(index)
    if (code > 96 || (code > 64 && code < 91) || code === 93) return true
  }
  return false
}

function firstJudged(text: string, figures: Figures, candidate: Candidate): Found | null {
  const { start } = candidate
  for (let index = cutCount - 1; index >= Math.max(0, cutCount - mostTries); index -= 1) {
    const end = cutEnds[index] ?? start
    const digits = cutDigits[index] ?? 0
    if (!perhaps(text, figures, { candidate, digits }) || !isVaried(text, start, end)) continue
    const judged = judge(text.slice(start, end), digits, candidate)
    if (judged !== null) return { end, confidence: judged.confidence, reason: judged.reason }
  }
  return null
}

/** What `judge` would refuse by the first digits and their number alone is not shown to it. */
function perhaps(text: string, figures: Figures, { candidate, digits }: { readonly candidate: Candidate, readonly digits: number }): boolean {
  const { start, run, named } = candidate
  const code = text.charCodeAt(start)
  if (named || code === 43) return true
  const first = text.charCodeAt(figures.starts[run] ?? 0)
  const length = runLength(figures, run)
  if (first === 48) {
    const second = text.charCodeAt(start + 1)
    return code === 40 || second === 48 || length === 1 ? true : digits > 8 && digits < 13
  }
  // North American: three digits, or six, or all but the last four behind a one; in brackets two to four.
  if (code === 40) return text.charCodeAt(start + 1) === 43 || (length < 7 && runLength(figures, run + 1) > 2)
  return first === 49 ? digits === 11 : digits === 10 && (length === 3 || length === 6)
}

/** What the last `cutsOf` found. */
const cutEnds = new Int32Array(mostGroups)
const cutDigits = new Int32Array(mostGroups)
let cutCount = 0

/** Finds the ends of groups with as many digits before them as a telephone number has, none of them glued to what follows. Six groups are the most that people write. */
function cutsOf(text: string, { starts, ends, count }: Figures, { stop, run }: Candidate): number {
  let digits = 0
  cutCount = 0
  for (let group = run; group < count && group < run + mostGroups; group += 1) {
    const end = ends[group] ?? 0
    digits += end - (starts[group] ?? 0)
    if (end > stop || digits > mostDigits) break
    if (digits < fewestDigits) continue
    const after = end < text.length ? text.charCodeAt(end) : 32
    if ((isAlphanumeric(after) || after === 95) && !/^(?:x|ext)/i.test(text.slice(end, end + 3))) continue
    if (after === 45 && isDigit(text.charCodeAt(end + 1))) continue
    cutEnds[cutCount] = end
    cutDigits[cutCount] = digits
    cutCount += 1
  }
  return cutCount
}

interface Context {
  readonly named: boolean
  readonly other: boolean
}

/** Three different digits at least. */
function isVaried(text: string, start: number, end: number): boolean {
  let seen = 0
  for (let index = start; index < end; index += 1) if (isDigit(text.charCodeAt(index))) seen |= 1 << (text.charCodeAt(index) - 48)
  const rest = seen & (seen - 1)
  return (rest & (rest - 1)) !== 0
}

function judge(written: string, count: number, { named, other }: Context): Omit<Found, 'end'> | null {
  if (count === 9 && /^\d{3}-\d{2}-\d{4}$/.test(written)) return null
  const first = firstDigit(written, 0)
  const second = firstDigit(written, first + 1)
  const isTrunk = written.charCodeAt(first) === 48
  if (written.startsWith('+') || written.startsWith('(+') || (isTrunk && written.charCodeAt(second) === 48 && count > 10)) return isInternational(written) ? { confidence: 0.96, reason: 'international number' } : null
  const separated = written.length - count > (first === 0 ? 0 : 1)
  if (!(named && count > 8) && isOtherFigure(written, count)) return null
  if (separated && (count === 10 || count === 11) && northAmerican.test(written)) return other && !named ? null : { confidence: named ? 0.95 : 0.85, reason: 'North American form' }
  if (!named && (other || !separated || !isTrunk || first > 1 || second !== first + 1)) return bracketed(written) && !other ? { confidence: 0.7, reason: 'national form' } : null
  if (count < 7 || count > 12) return null
  // Nine to twelve digits with the trunk zero, or seven to twelve without.
  if (!isTrunk || (written.charCodeAt(second) !== 48 && count > 8)) return { confidence: named ? 0.92 : 0.75, reason: 'national numbering plan' }
  return named && separated && count > 8 ? { confidence: 0.65, reason: 'announced' } : null
}

function firstDigit(written: string, from: number): number {
  let index = from
  while (index < written.length && !isDigit(written.charCodeAt(index))) index += 1
  return index
}

const northAmerican = /^(?:1[-. ]?)?\(?[2-9]\d{2}\)?[-. ]{0,2}[2-9]\d{2}[-. ]\d{4}$/
const date = /^\(?\d{1,2}[-./ ]\d{1,2}[-./ ]\d{2,4}$|^\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}$/
const grouped = /^\d{1,3}(?:\.\d{3})+$|^\d+\.\d+$/

/** A date, a sum with its thousands apart, or a decimal fraction. */
const isOtherFigure = (written: string, count: number): boolean => (count < 9 && date.test(written)) || (written.includes('.') && grouped.test(written))

const bracketed = (written: string): boolean => /^\(\d{2,4}\) ?\d{3,5}[- ]?\d{3,4}$/.test(written)

function isInternational(written: string): boolean {
  const digits = written.replace(/\D/g, '')
  const bare = digits.startsWith('00') ? digits.slice(2) : digits
  for (let length = 1; length <= 3; length += 1) {
    const plan = nationalLengths[bare.slice(0, length)]
    if (plan === undefined) continue
    const rest = bare.length - length - (written.includes('(0)') ? 1 : 0)
    return rest >= plan[0] && rest <= plan[1]
  }
  return false
}
