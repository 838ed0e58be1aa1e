import { anything, digit, isAlphanumeric, isDigit } from '../core/characters.ts'
import { leftContext, type Scan, type SpanDetector } from '../core/detector.ts'
import { tokensWith } from '../core/tokens.ts'
import { Mixture } from './mixture.ts'

const longestToken = 8192
const longestPlain = 256
const shortest = 20

/** Tokens that are told by their build rather than by their first letters. `sign` holds all characters that can stand at a place of such a token, and is asked before the form. */
const builds: readonly { readonly name: string; readonly at: number; readonly sign: string; readonly form: RegExp }[] = [
  { name: 'JSON web token', at: 0, sign: 'e', form: /^ey[A-Za-z0-9_-]{15,}\.ey[A-Za-z0-9_/\\-]{15,}(?:\.[A-Za-z0-9_/\\-]{0,4096}={0,2})?$/ },
  { name: 'JSON web token', at: 0, sign: 'e', form: /^eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{0,2048}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]{10,}){0,2}$/ },
  { name: 'encoded JSON web token', at: 0, sign: 'Z', form: /^ZXlK[A-Za-z0-9+_=-]{60,}$/ },
  { name: 'Discord token', at: 0, sign: 'MNO', form: /^[MNO][A-Za-z0-9_-]{22,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}$/ },
  { name: 'Telegram bot token', at: 5, sign: '0123456789', form: /^\d{6,12}:A[A-Za-z0-9_-]{32,36}$/ },
  { name: 'Mailchimp key', at: 32, sign: '-', form: /^[0-9a-f]{32}-us\d{1,2}$/ },
  { name: 'Azure client secret', at: 5, sign: '~', form: /^[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}$/ },
  { name: 'MaxMind key', at: 6, sign: '_', form: /^[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk$/ },
  { name: 'Terraform token', at: 14, sign: '.', form: /^[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}$/i },
  { name: '1Password key', at: 2, sign: '-', form: /^A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}$/ },
  { name: 'Mapbox token', at: 2, sign: '.', form: /^[ps]k\.ey[A-Za-z0-9]{50,120}\.[A-Za-z0-9_-]{20,24}$/ },
  { name: 'Meta token', at: 5, sign: '0123456789', form: /^\d{15,16}\|[A-Za-z0-9_-]{27,40}$/ },
  { name: 'Mailgun key', at: 32, sign: '-', form: /^[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}$/ },
  { name: 'Yandex token', at: 2, sign: '.', form: /^t1\.[A-Za-z0-9_-]{1,500}={0,2}\.[A-Za-z0-9_-]{80,90}={0,2}$/ },
  { name: 'Twitter bearer token', at: 0, sign: 'A', form: /^A{20,24}[A-Za-z0-9%]{60,100}$/ },
  { name: 'model provider key', at: 2, sign: '-', form: /^sk-(?:[a-z]+-)?[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}$/ },
]
/** Marks one of which stands in every such token, save for two that are told by how they begin. */
const telling = new Uint8Array(128)
for (const mark of '.:-_~|') telling[mark.charCodeAt(0)] = 1
const unmarked = /^(?:ZXlK|A{20})/

const webhook = /(?:hooks\.slack\.com\/(?:services|workflows|triggers)|webhook\.office\.com\/webhookb2|discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks|chat\.googleapis\.com\/v1\/spaces|hooks\.zapier\.com\/hooks\/catch|outlook\.office\.com\/webhook)(?:\/[\w@-]{1,80}){0,3}\/$/

/** Signed tokens, bot tokens and webhook addresses. */
export const accessToken = {
  type: 'access-token',
  placeholder: 'SECRET',
  longest: longestToken,
  triggers: anything,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final } = scan
    for (let start = nextToken(text, scan.from); start < text.length;) {
      const stop = tokenStop(text, start)
      if (stop === text.length && stop - start < limitFor(text, start) && !final) return start
      const end = trimmed(text, start, stop)
      if (end - start >= shortest) report(scan, start, end)
      start = nextToken(text, stop)
    }
    return text.length
  },
} as const satisfies SpanDetector

/** A colon belongs to a token that begins with six digits or more before it. */
function isNumbersColon(text: string, index: number): boolean {
  if (text.charCodeAt(index) !== 58) return false
  for (let place = index - 1; place > index - 7; place -= 1) if (place < 0 || !isDigit(text.charCodeAt(place))) return false
  return true
}

const tokens = tokensWith('_-.=~%|', isNumbersColon)
const nextToken = (text: string, from: number): number => tokens.next(text, tokens.skip(text, from, shortest))

/** Signed tokens are long, and may have an equals sign or the like before them. */
function limitFor(text: string, start: number): number {
  let first = start
  while (first < start + 4 && first < text.length && !isAlphanumeric(text.charCodeAt(first))) first += 1
  return text.startsWith('ey', first) ? longestToken : longestPlain
}

function tokenStop(text: string, start: number): number {
  const highest = Math.min(text.length, start + limitFor(text, start))
  let stop = start
  let digitsOnly = true
  for (; stop < highest; stop += 1) {
    const code = text.charCodeAt(stop)
    if (code === 58 && digitsOnly && stop - start > 5) continue
    if (!tokens.isToken(code)) break
    if (code > 57) digitsOnly = false
  }
  return stop
}

function trimmed(text: string, start: number, stop: number): number {
  let end = stop
  while (end > start && '.-=~%|'.includes(text[end - 1] ?? '') && !(text[end - 1] === '=' && text.startsWith('ey', start))) end -= 1
  return end
}

function report(scan: Scan, start: number, end: number): void {
  const token = scan.text.slice(start, end)
  const value = valueOf(token)
  const build = mayBeBuilt(value) ? builds.find(({ at, sign, form }) => sign.includes(value.charAt(at)) && form.test(value) && new Mixture(value).isRandom(0, value.length)) : undefined
  if (build !== undefined) scan.found({ start: end - value.length, end, confidence: 0.99, reason: build.name })
  else if (scan.text.charCodeAt(start - 1) === 47 && webhook.test(scan.text.slice(Math.max(0, start - leftContext), start))) scan.found({ start, end, confidence: 0.95, reason: 'webhook address' })
}

/** A token without what is strewn before it, and without the name that it is given to. */
function valueOf(token: string): string {
  const isSigned = token.startsWith('ey')
  const body = token.startsWith('_') || isSigned || isAlphanumeric(token.charCodeAt(0)) ? token : token.slice(token.search(/[A-Za-z0-9]/))
  const assigned = body.lastIndexOf('=', body.length - 4)
  return assigned > 0 && !body.startsWith('ey') && !body.startsWith('t1.') ? body.slice(assigned + 1) : body
}

/** Whether a value has a digit and one of the marks of a build: most tokens have not, and no form need be tried on them. */
function mayBeBuilt(value: string): boolean {
  let hasDigit = false
  let hasMark = false
  for (let index = 0; index < value.length && !(hasDigit && hasMark); index += 1) {
    const code = value.charCodeAt(index)
    if (isDigit(code)) hasDigit = true
    else if (telling[code] === 1) hasMark = true
  }
  return hasDigit && (hasMark || unmarked.test(value))
}
