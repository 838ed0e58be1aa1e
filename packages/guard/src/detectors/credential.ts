import { anything, isDigit, isWordlike } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { Stems, StemTrail } from '../core/stem-trail.ts'
import { WordFinder } from '../core/word-finder.ts'
import { isPlaceholder, Makeup } from './credential-values.ts'

const longestValue = 256
const longestLead = 48
const longestName = 48

const passwordName = /pass(?:w|phrase|code|e?$)|pwd|(?:^|[_.-])pw$|kennwort|contrase|senha|wachtwoord|парол|密码|密碼|パスワード|비밀번호/
const secretName = /secret|token|credential|creds?$|auth|api[_.-]?key|access[_.-]?key|private[_.-]?key|client[_.-]?(?:id|key)|signing|encrypt|hmac|_?sas$|dsn$|bearer|_key|key$|-key$|webhook|licen[cs]e|(?:^|[_.-])(?:pat|api|session|cookie|jwt|id)$|密钥|令牌|токен|ключ/
/** Issuers whose keys have no form of their own, so that only the name beside them tells. */
const vendors = 'adafruit adobe airtable algolia alibaba asana atlassian jira beamer bitbucket bittrex meraki cloudflare codecov cohere coinbase confluent contentful datadog discord drone_ci droneci dropbox etsy facebook fastly finicity finnhub flickr freshbooks gitter gocardless heroku hubspot intercom artifactory kraken kucoin launchdarkly linkedin lob_ looker mailchimp mailgun mapbox mattermost messagebird netlify new_relic newrelic okta openai plaid rapidapi sendbird sentry snyk sonar sourcegraph squarespace sumo_logic sumologic telegram travis twitch twitter typeform yandex zendesk softlayer cloudant ibm_'.split(' ')
const vendorName = new WordFinder(vendors)
/** What every ASCII name has in it that one of the expressions knows. */
const parts = 'pass pwd pw kennwort contrase senha wachtwoord secret token cred auth api access private client sign encrypt hmac sas dsn bearer key webhook licen pat session cookie jwt id'.split(' ')
const tellingParts = new WordFinder(parts)
const typeNames: ReadonlySet<string> = new Set(['string', 'str', 'char', 'text', 'value', 'const', 'varchar', 'std::string', 'secretstring'])
/** What every name has in it that is looked up. */
const stems = new Stems([...vendors, ...parts, ...typeNames], 'п密パ비令токенюч')
const publicName = /public|primary|foreign|partition|cache_?key|sort_?key|keyword|keyboard|author(?!iz)|(?:max|min|num|total|input|output|prompt|completion|page|next|cursor|special|stop|pad)[_-]?tokens?|tokens$|integrity|checksum|digest|commit|_sha|sha\d|hash$|etag|pubkey|fingerprint|uuid|request[_-]?id|^id$|user[_-]?id|trace/
const scheme = /^(?:Bearer|Basic|Token|Digest|ApiKey) {1,3}/i

/** Characters after which a value may stand. */
const triggerTable = new Uint8Array(128)
for (const character of ':=>,(-s') triggerTable[character.charCodeAt(0)] = 1

interface Value {
  readonly start: number
  readonly stop: number
  readonly quoted: boolean
  readonly open: boolean
}

/** A value in the place where a password, key or token stands: `api_key = "…"`, `Authorization: Bearer …`, `--password …`. */
export const credential = {
  type: 'credential',
  placeholder: 'SECRET',
  longest: longestValue + longestLead + 8,
  triggers: anything,
  scan(scan: Scan): number {
    const look = { names: new Names(scan.text), makeup: new Makeup(scan.text), ends: new ValueEnds(scan.text) }
    const resume = scanValues(scan, look)
    look.makeup.forget()
    return resume
  },
} as const satisfies SpanDetector

/** What is kept of a text from one value to the next. */
interface Look {
  readonly names: Names
  readonly makeup: Makeup
  readonly ends: ValueEnds
}

function scanValues(scan: Scan, look: Look): number {
  const { text, final } = scan
  for (let index = scan.from; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 127 || triggerTable[code] === 0 || (isOperator(code) && isOperator(text.charCodeAt(index + 1)))) continue
    const place = code === 45 ? optionPlace(text, index, look.names) : assignmentPlace(text, index, look.names)
    if (place === null) continue
    if (place.at >= text.length && !final) return index
    const value = readValue(text, place.at, look.ends)
    if (value.open && !final) return index
    if (place.quotedOnly && !value.quoted) continue
    const end = trimmedEnd(text, value)
    const confidence = judge(place.name, { text, start: value.start, end, quoted: value.quoted }, look.makeup)
    if (confidence === 0) continue
    scan.found({ start: value.start, end, confidence, reason: `value of ${place.name.promises}` })
    index = end - 1
  }
  return text.length
}

/** Of several operators in a row, `::` or `:=`, the last one assigns. */
const isOperator = (code: number): boolean => code === 58 || code === 61

interface Place {
  readonly name: Name
  /** Where to look for the value. */
  readonly at: number
  readonly quotedOnly: boolean
}

/** `name = value`, `name: value`, `name is value`, `set("name", "value")`, `<name>value<`. */
function assignmentPlace(text: string, index: number, names: Names): Place | null {
  const code = text.charCodeAt(index)
  const before = text.charCodeAt(index - 1)
  if (code === 115 && !(before === 105 && text.charCodeAt(index - 2) === 32 && (index + 1 >= text.length || text.charCodeAt(index + 1) === 32 || text.charCodeAt(index + 1) === 58))) return null
  if (code === 44 && before !== 34 && before !== 39) return null
  if (code === 62 && (before === 61 || before === 45)) return null
  const name = nameBefore(text, code === 115 ? index - 2 : index, names)
  return name === null ? null : { name, at: index + 1, quotedOnly: code === 44 || code === 40 }
}

/** `--password value`. */
function optionPlace(text: string, index: number, names: Names): Place | null {
  // A dash at the end of what is there may be the first of two.
  if (index + 1 < text.length && text.charCodeAt(index + 1) !== 45 && text.charCodeAt(index - 1) !== 45) return null
  if (index + longestLead > text.length && /^--?[a-z-]{0,32}$/.test(text.slice(index))) return { name: unknown, at: text.length, quotedOnly: false }
  if (!isLower(text.charCodeAt(index + 2))) return null
  const word = /^--([a-z][a-z-]{1,30}) /.exec(text.slice(index, index + 40))?.[1]
  const name = word === undefined ? null : telling(names.of(word))
  return name === null ? null : { name, at: index + name.word.length + 3, quotedOnly: false }
}

const isLower = (code: number): boolean => code > 96 && code < 123

/** No name with fewer than two letters promises anything. */
function hasLetters(text: string, start: number, end: number): boolean {
  let letters = 0
  for (let index = start; index < end && letters < 2; index += 1) if (isWordlike(text.charCodeAt(index)) && !isDigit(text.charCodeAt(index))) letters += 1
  return letters > 1
}

type Promised = 'nothing' | 'a key' | 'a password'

const ascii = /^[\u0000-\u007f]*$/

function promiseOf(name: string): Promised {
  const isVendor = vendorName.isIn(name)
  if (!isVendor && !tellingParts.isIn(name) && ascii.test(name)) return 'nothing'
  if (passwordName.test(name)) return 'a password'
  return (isVendor || secretName.test(name)) && (!publicName.test(name) || /secret|private|password/.test(name)) ? 'a key' : 'nothing'
}

interface Name {
  readonly word: string
  readonly promises: Promised
  /** It says what kind of value it is, and stands behind its name: `password: string = …`. */
  readonly isType: boolean
}

/** An option that is still being written: what it is called is not known yet. */
const unknown: Name = { word: '', promises: 'nothing', isType: false }
const user: Name = { word: 'password', promises: 'a password', isType: false }

/** What the names of a text promise. In rows of fields the same ones come again and again. */
class Names {
  readonly #text: string
  readonly #known = new Map<string, Name>()
  readonly #users: StemTrail
  readonly #stems: StemTrail

  constructor(text: string) {
    this.#text = text
    this.#users = new StemTrail(userOption, text)
    this.#stems = new StemTrail(stems, text)
  }

  /** A word as a name, lower case. */
  of(written: string): Name {
    const known = this.#known.get(written)
    if (known !== undefined) return known
    const word = written.toLowerCase()
    const name = { word, promises: promiseOf(word), isType: typeNames.has(word) }
    if (this.#known.size < 64) this.#known.set(written, name)
    return name
  }

  /** Whether there is anything in a name to look up. Ask from left to right. */
  perhaps(start: number, end: number): boolean {
    return this.#stems.isNear(end, end - start)
  }

  /** `curl -u name:value`. */
  userBefore(at: number): Name | null {
    return this.#users.isNear(at, 64) && curlUser.test(this.#text.slice(Math.max(0, at - 64), at)) ? user : null
  }
}

/** The name that stands before an operator; null when it promises no secret. */
function nameBefore(text: string, at: number, names: Names): Name | null {
  const place = wordBefore(text, at)
  if (place === null) return null
  if (!names.perhaps(place.start, place.end) || !hasLetters(text, place.start, place.end)) return names.userBefore(at)
  const name = names.of(text.slice(place.start, place.end))
  if (!name.isType) return telling(name) ?? names.userBefore(at)
  const earlier = wordBefore(text, place.start, name.word === 'value')
  return earlier === null || !hasLetters(text, earlier.start, earlier.end) ? null : telling(names.of(text.slice(earlier.start, earlier.end)))
}

const telling = (name: Name): Name | null => (name.promises === 'nothing' ? null : name)

const userOption = new Stems(['-u'], '')
const curlUser = /(?:^|\s)(?:-u|--user|--proxy-user)[ =]["']?[\w.@+-]{1,40}$/

function wordBefore(text: string, at: number, acrossLines = false): { readonly start: number; readonly end: number } | null {
  let end = at
  const lowest = Math.max(0, at - 8)
  while (end > lowest && !isWordlike(text.charCodeAt(end - 1)) && text.charCodeAt(end - 1) !== 95) {
    const code = text.charCodeAt(end - 1)
    if (code === 93 && /[A-Z_\d]/.test(text[end - 2] ?? '')) return null
    if (((code === 10 || code === 13) && !acrossLines) || code === 44 || code === 59) return null
    end -= 1
  }
  let start = end
  while (start > 0 && end - start < longestName && isNameCharacter(text.charCodeAt(start - 1))) start -= 1
  return end - start < 2 ? null : { start, end }
}

const isNameCharacter = (code: number): boolean => isWordlike(code) || code === 95 || code === 45 || code === 46

/** What may stand between an operator and its value, quotes, and the first letters of schemes' names. */
const isGap = 1
const isQuote = 2
const isSchemeStart = 3
const leads = new Uint8Array(128)
for (const character of ' \t=>:') leads[character.charCodeAt(0)] = isGap
for (const character of '"\'`') leads[character.charCodeAt(0)] = isQuote
for (const character of 'BbTtDdAa') leads[character.charCodeAt(0)] = isSchemeStart

/** Skips operators, spaces, one quote and a scheme's name, then reads to the value's end. */
function readValue(text: string, from: number, ends: ValueEnds): Value {
  let start = from
  const highest = Math.min(text.length, from + 8)
  while (start < highest && leads[text.charCodeAt(start)] === isGap) start += 1
  if (text.charCodeAt(start) === 92) start += 1
  const quote = leads[text.charCodeAt(start)] === isQuote ? text.charCodeAt(start) : 0
  if (quote !== 0) start += 1
  if (start + 12 > text.length && /^[a-z]{0,7} {0,3}$/i.test(text.slice(start))) return { start, stop: text.length, quoted: quote !== 0, open: true }
  if (leads[text.charCodeAt(start)] === isSchemeStart && hasSpace(text, start + 5)) start += scheme.exec(text.slice(start, start + 12))?.[0].length ?? 0
  const stop = Math.min(text.length, start + longestValue, ends.after(start, quote))
  return { start, stop, quoted: quote !== 0, open: stop === text.length && stop - start < longestValue }
}

/** Whether a space stands where a scheme's name would end: behind five letters, or six. */
const hasSpace = (text: string, at: number): boolean => text.charCodeAt(at) === 32 || text.charCodeAt(at + 1) === 32

/** Where values end. Asked from left to right: all that begin before an end share it, so that each character is read once for each kind of quote. */
class ValueEnds {
  readonly #text: string
  /** The end that was found last without a quote and within each kind, and where it was looked for from. */
  readonly #ends = new Int32Array(4)
  readonly #starts = new Int32Array(4).fill(-1)

  constructor(text: string) {
    this.#text = text
  }

  /** The first place from `start` on where a value ends, no further off than a value may be long. */
  after(start: number, quote: number): number {
    const kind = quote === 0 ? 0 : quote === 34 ? 1 : quote === 39 ? 2 : 3
    const known = this.#ends[kind] ?? 0
    // An end within reach holds for every start before it; where none was in reach, the search goes on from there.
    const first = this.#starts[kind] ?? -1
    let stop = first >= 0 && first <= start && known > start ? known : start
    const limit = Math.min(this.#text.length, start + longestValue)
    while (stop < limit && !this.#isEnd(stop, quote)) stop += 1
    this.#ends[kind] = stop
    this.#starts[kind] = start
    return stop
  }

  #isEnd(index: number, quote: number): boolean {
    const code = this.#text.charCodeAt(index)
    return endsValue(code, quote) || (quote === 0 && code === 61 && isWordlike(this.#text.charCodeAt(index + 1)))
  }
}

/** What ends a value: 1 always, 2 where it stands without a quote, 3 where it stands without one or within this one. */
const enders = new Uint8Array(128)
for (let code = 0; code <= 32; code += 1) enders[code] = 1
for (const character of ',;)]}<>|&') enders[character.charCodeAt(0)] = 2
for (const character of '"\'`') enders[character.charCodeAt(0)] = 3

function endsValue(code: number, quote: number): boolean {
  const ender = code < 128 ? (enders[code] ?? 0) : 0
  return ender === 1 || (ender > 1 && (quote === 0 || code === quote))
}

const isStop = (code: number): boolean => code === 46 || code === 33 || code === 63 || code === 58

/** Where a value ends without the full stop of its sentence. */
function trimmedEnd(text: string, { start, stop, quoted }: Value): number {
  let end = stop
  while (end > start && (text.charCodeAt(end - 1) === 92 || (!quoted && isStop(text.charCodeAt(end - 1))))) end -= 1
  return end
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** How sure it is that a value is the secret that its name says; 0 when it is none. What stands for a value is asked last: it costs most. */
function judge(name: Name, { text, start, end, quoted }: { readonly text: string, readonly start: number, readonly end: number, readonly quoted: boolean }, makeup: Makeup): number {
  const isPassword = name.promises === 'a password'
  if (start >= end || !((isPassword && makeup.isChosenPassword(start, end, quoted)) || makeup.isMachineMade(start, end))) return 0
  const value = text.slice(start, end)
  if (isPassword) return isPlaceholder(value) ? 0 : 0.85
  if ((name.word.endsWith('id') && uuid.test(value)) || isPlaceholder(value)) return 0
  return isDigit(text.charCodeAt(start)) && /^\d+$/.test(value) && !/id$|secret|token/.test(name.word) ? 0 : 0.8
}
