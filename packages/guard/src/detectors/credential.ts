import { anything, isDigit, isWordlike } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { isChosenPassword, isMachineMade, isPlaceholder } from './credential-values.ts'

const longestValue = 256
const longestLead = 48
const longestName = 48

const passwordName = /pass(?:w|phrase|code|e?$)|pwd|(?:^|[_.-])pw$|kennwort|contrase|senha|wachtwoord|парол|密码|密碼|パスワード|비밀번호/
const secretName = /secret|token|credential|creds?$|auth|api[_.-]?key|access[_.-]?key|private[_.-]?key|client[_.-]?(?:id|key)|signing|encrypt|hmac|_?sas$|dsn$|bearer|_key|key$|-key$|webhook|licen[cs]e|(?:^|[_.-])(?:pat|api|session|cookie|jwt|id)$|密钥|令牌|токен|ключ/
/** Issuers whose keys have no form of their own, so that only the name beside them tells. */
const vendorName = /adafruit|adobe|airtable|algolia|alibaba|asana|atlassian|jira|beamer|bitbucket|bittrex|meraki|cloudflare|codecov|cohere|coinbase|confluent|contentful|datadog|discord|drone_?ci|dropbox|etsy|facebook|fastly|finicity|finnhub|flickr|freshbooks|gitter|gocardless|heroku|hubspot|intercom|artifactory|kraken|kucoin|launchdarkly|linkedin|lob_|looker|mailchimp|mailgun|mapbox|mattermost|messagebird|netlify|new_?relic|okta|openai|plaid|rapidapi|sendbird|sentry|snyk|sonar|sourcegraph|squarespace|sumo_?logic|telegram|travis|twitch|twitter|typeform|yandex|zendesk|softlayer|cloudant|ibm_/
const typeNames: ReadonlySet<string> = new Set(['string', 'str', 'char', 'text', 'value', 'const', 'varchar', 'std::string', 'secretstring'])
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
    const { text, final } = scan
    for (let index = scan.from; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (code > 127 || triggerTable[code] === 0) continue
      const place = code === 45 ? optionPlace(text, index) : assignmentPlace(text, index, code)
      if (place === null) continue
      if (place.at >= text.length && !final) return index
      const value = readValue(text, place.at)
      if (value.open && !final) return index
      const written = trimmed(text.slice(value.start, value.stop), value.quoted)
      const confidence = written === '' || (place.quotedOnly && !value.quoted) ? 0 : judge(written, place.name, value.quoted)
      if (confidence === 0) continue
      scan.found({ start: value.start, end: value.start + written.length, confidence, reason: `value of ${passwordName.test(place.name) ? 'a password' : 'a key'}` })
      index = value.start + written.length - 1
    }
    return text.length
  },
} as const satisfies SpanDetector

interface Place {
  readonly name: string
  /** Where to look for the value. */
  readonly at: number
  readonly quotedOnly: boolean
}

/** `name = value`, `name: value`, `name is value`, `set("name", "value")`, `<name>value<`. */
function assignmentPlace(text: string, index: number, code: number): Place | null {
  const before = text.charCodeAt(index - 1)
  if (code === 115 && !(before === 105 && text.charCodeAt(index - 2) === 32 && (index + 1 >= text.length || text.charCodeAt(index + 1) === 32 || text.charCodeAt(index + 1) === 58))) return null
  if (code === 44 && before !== 34 && before !== 39) return null
  if (code === 62 && (before === 61 || before === 45)) return null
  const name = nameBefore(text, code === 115 ? index - 2 : index)
  return name === null ? null : { name, at: index + 1, quotedOnly: code === 44 || code === 40 }
}

/** `--password value`. */
function optionPlace(text: string, index: number): Place | null {
  if (text.charCodeAt(index + 1) !== 45 && text.charCodeAt(index - 1) !== 45) return null
  if (index + longestLead > text.length && /^--?[a-z-]{0,32}$/.test(text.slice(index))) return { name: '', at: text.length, quotedOnly: false }
  if (!isLower(text.charCodeAt(index + 2))) return null
  const option = /^--([a-z][a-z-]{1,30}) /.exec(text.slice(index, index + 40))
  const name = option?.[1]
  return name !== undefined && isTelling(name) ? { name, at: index + name.length + 3, quotedOnly: false } : null
}

const isLower = (code: number): boolean => code > 96 && code < 123

/** No name with fewer than two letters promises anything. */
function hasLetters(name: string): boolean {
  let letters = 0
  for (let index = 0; index < name.length; index += 1) if (name.charCodeAt(index) > 96) letters += 1
  return letters > 1
}

const promises = (name: string): boolean => passwordName.test(name) || ((secretName.test(name) || vendorName.test(name)) && (!publicName.test(name) || /secret|private|password/.test(name)))

let lastName = ''
let wasTelling = false

/** Whether a name promises a secret. In a row of fields the same names come again and again. */
function isTelling(name: string): boolean {
  if (!hasLetters(name)) return false
  if (name !== lastName) {
    wasTelling = promises(name)
    lastName = name
  }
  return wasTelling
}

/** The name that stands before an operator, lower case; null when it promises no secret. */
function nameBefore(text: string, at: number): string | null {
  const name = wordBefore(text, at)
  if (name === null) return null
  if (hasLetters(name.word)) {
    if (typeNames.has(name.word)) {
      const earlier = wordBefore(text, name.start, name.word === 'value')
      return earlier !== null && isTelling(earlier.word) ? earlier.word : null
    }
    if (isTelling(name.word)) return name.word
  }
  const before = text.slice(Math.max(0, at - 64), at)
  return before.includes('-') && curlUser.test(before) ? 'password' : null
}

const curlUser = /(?:^|\s)(?:-u|--user|--proxy-user)[ =]["']?[\w.@+-]{1,40}$/

function wordBefore(text: string, at: number, acrossLines = false): { readonly word: string; readonly start: number } | null {
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
  return end - start < 2 ? null : { word: text.slice(start, end).toLowerCase(), start }
}

const isNameCharacter = (code: number): boolean => isWordlike(code) || code === 95 || code === 45 || code === 46

/** Skips operators, spaces, one quote and a scheme's name, then reads to the value's end. */
function readValue(text: string, from: number): Value {
  let start = from
  const highest = Math.min(text.length, from + 8)
  while (start < highest && ' \t=>:'.includes(text[start] ?? '')) start += 1
  if (text[start] === '\\') start += 1
  const mark = text[start] ?? ''
  const quote = '"\'`'.includes(mark) ? mark : ''
  if (quote !== '') start += 1
  if (start + 12 > text.length && /^[a-z]{0,7} {0,3}$/i.test(text.slice(start))) return { start, stop: text.length, quoted: quote !== '', open: true }
  if ('BbTtDdAa'.includes(text[start] ?? ' ')) start += scheme.exec(text.slice(start, start + 12))?.[0].length ?? 0
  const limit = Math.min(text.length, start + longestValue)
  let stop = start
  while (stop < limit && !endsValue(text.charCodeAt(stop), quote) && !(quote === '' && text.charCodeAt(stop) === 61 && isWordlike(text.charCodeAt(stop + 1)))) stop += 1
  return { start, stop, quoted: quote !== '', open: stop === text.length && stop - start < longestValue }
}

function endsValue(code: number, quote: string): boolean {
  if (code <= 32 || code === 34 || code === 39 || code === 96) return code !== 32 ? quote === '' || code < 32 || String.fromCharCode(code) === quote : true
  return quote === '' && (code === 44 || code === 59 || code === 41 || code === 93 || code === 125 || code === 60 || code === 62 || code === 124 || code === 38)
}

function trimmed(value: string, quoted: boolean): string {
  let end = value.length
  while (end > 0 && (value[end - 1] === '\\' || (!quoted && '.!?:'.includes(value[end - 1] ?? '')))) end -= 1
  return value.slice(0, end)
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** How sure it is that a value is the secret that its name says; 0 when it is none. What stands for a value is asked last: it costs most. */
function judge(value: string, name: string, quoted: boolean): number {
  if (passwordName.test(name)) return (isChosenPassword(value, quoted) || isMachineMade(value)) && !isPlaceholder(value) ? 0.85 : 0
  if (!isMachineMade(value) || (name.endsWith('id') && uuid.test(value)) || isPlaceholder(value)) return 0
  return isDigit(value.charCodeAt(0)) && /^\d+$/.test(value) && !/id$|secret|token/.test(name) ? 0 : 0.8
}
