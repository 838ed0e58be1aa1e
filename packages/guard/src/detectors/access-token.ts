import { anything, digit, isAlphanumeric, isDigit } from '../core/characters.ts'
import { leftContext, type Scan, type SpanDetector } from '../core/detector.ts'
import { tokensWith } from '../core/tokens.ts'
import { isRandom } from './provider-key.ts'

const longestToken = 8192
const longestPlain = 256
const shortest = 20

/** Tokens that are told by their build rather than by their first letters. */
const builds: readonly { readonly name: string; readonly form: RegExp }[] = [
  { name: 'JSON web token', form: /^ey[A-Za-z0-9_-]{15,}\.ey[A-Za-z0-9_/\\-]{15,}(?:\.[A-Za-z0-9_/\\-]{0,4096}={0,2})?$/ },
  { name: 'JSON web token', form: /^eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{0,2048}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]{10,}){0,2}$/ },
  { name: 'encoded JSON web token', form: /^ZXlK[A-Za-z0-9+_=-]{60,}$/ },
  { name: 'Discord token', form: /^[MNO][A-Za-z0-9_-]{22,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}$/ },
  { name: 'Telegram bot token', form: /^\d{6,12}:A[A-Za-z0-9_-]{32,36}$/ },
  { name: 'Mailchimp key', form: /^[0-9a-f]{32}-us\d{1,2}$/ },
  { name: 'Azure client secret', form: /^[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}$/ },
  { name: 'MaxMind key', form: /^[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk$/ },
  { name: 'Terraform token', form: /^[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}$/i },
  { name: '1Password key', form: /^A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}$/ },
  { name: 'Mapbox token', form: /^[ps]k\.ey[A-Za-z0-9]{50,120}\.[A-Za-z0-9_-]{20,24}$/ },
  { name: 'Meta token', form: /^\d{15,16}\|[A-Za-z0-9_-]{27,40}$/ },
  { name: 'Mailgun key', form: /^[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}$/ },
  { name: 'Yandex token', form: /^t1\.[A-Za-z0-9_-]{1,500}={0,2}\.[A-Za-z0-9_-]{80,90}={0,2}$/ },
  { name: 'Twitter bearer token', form: /^A{20,24}[A-Za-z0-9%]{60,100}$/ },
  { name: 'model provider key', form: /^sk-(?:[a-z]+-)?[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}$/ },
]
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
  const body = token.startsWith('_') ? token : token.slice(token.startsWith('ey') ? 0 : token.search(/[A-Za-z0-9]/))
  const assigned = body.lastIndexOf('=', body.length - 4)
  const value = assigned > 0 && !body.startsWith('ey') && !body.startsWith('t1.') ? body.slice(assigned + 1) : body
  const build = /\d/.test(value) ? builds.find(({ form }) => form.test(value) && isRandom(value, 0, value.length)) : undefined
  if (build !== undefined) scan.found({ start: end - value.length, end, confidence: 0.99, reason: build.name })
  else if (webhook.test(scan.text.slice(Math.max(0, start - leftContext), start))) scan.found({ start, end, confidence: 0.95, reason: 'webhook address' })
}
