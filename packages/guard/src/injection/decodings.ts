const hexRun = /(?:(?:0x|\\x)?[0-9a-fA-F]{2}[ ,:]?){12,}/g
const sixBytes = /(?:[0-9a-fA-F]{2}[ ,:]?){5}[0-9a-fA-F]{2}/
const percentRun = /(?:%[0-9a-fA-F]{2}[A-Za-z0-9._~-]{0,3}){4,}/g
const binaryRun = /(?:[01]{8}[ ,]?){6,}/g
const entityRun = /(?:&#x?[0-9a-fA-F]{2,6};){4,}/g
const escapeRun = /(?:\\u[0-9a-fA-F]{4}){4,}/g
const morseRun = /(?:[.\-\u00b7\u2212]{1,5}(?: \/ ?| {1,3}|\/)){8,}[.-]{1,5}/g

/** The text with every run that decodes to readable text replaced by it; null when there is none. */
export function decodeRuns(text: string): string | null {
  let changed = false
  const swap = (run: string, decoded: string | null): string => {
    if (decoded === null || !isReadable(decoded)) return run
    changed = true
    return ` ${decoded} `
  }
  let result = text
  const figures = /\d\d/.test(text)
  if (figures && /[01]{8}[ ,][01]{8}/.test(result)) result = result.replace(binaryRun, (run) => swap(run, fromUnits(run.match(/[01]{8}/g) ?? [], 2)))
  if ((figures || result.includes('\\x')) && hasHexRun(result) && (result.includes('\\x') || sixBytes.test(result))) result = result.replace(hexRun, (run) => swap(run, fromHex(run)))
  if (result.includes('%')) result = result.replace(percentRun, (run) => swap(run, fromPercent(run)))
  if (result.includes('&#')) result = result.replace(entityRun, (run) => swap(run, fromEntities(run)))
  if (result.includes('\\u')) result = result.replace(escapeRun, (run) => swap(run, fromUnits(run.match(/[0-9a-fA-F]{4}/g) ?? [], 16)))
  if (/[.-]{1,5} [.-]{1,5} [.-]{1,5} [.-]{1,5} /.test(result)) result = result.replace(morseRun, (run) => swap(run, fromMorse(run)))
  result = replaceBase64(result, (run) => swap(run, fromBase64(run)))
  return changed ? result : null
}

/** What each character can be in a run of hexadecimal bytes: 1 a digit of one, 2 what may stand between them; 0 ends the run. */
const hexKinds = new Uint8Array(128)
for (const character of '0123456789abcdefABCDEF') hexKinds[character.charCodeAt(0)] = 1
for (const character of ' ,:x\\') hexKinds[character.charCodeAt(0)] = 2

/** Whether as many hexadecimal digits stand together as the shortest run has. */
function hasHexRun(text: string): boolean {
  let digits = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    const kind = code < 128 ? (hexKinds[code] ?? 0) : 0
    if (kind === 0) digits = 0
    else if (kind === 1) digits += 1
    if (digits === 24) return true
  }
  return false
}

/** Prose has letters, spaces and hardly a control character; keys and pictures have not. */
function isReadable(text: string): boolean {
  if (text.length < 6) return false
  let good = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if ((code >= 97 && code <= 122) || code === 32 || (code >= 65 && code <= 90) || code > 0x00bf) good += 1
    else if (code < 32 && code !== 10 && code !== 9 && code !== 13) return false
    if (code === 0xfffd) return false
  }
  return good >= text.length * 0.7
}

const fromUnits = (units: readonly string[], base: number): string => utf8(units.map((unit) => Number.parseInt(unit, base)))

/** Two digits after one another are a byte; `0x`, `\\x` and what stands between bytes is passed over. */
function fromHex(run: string): string {
  const bytes: number[] = []
  let high = -1
  for (let index = 0; index < run.length; index += 1) {
    const code = run.charCodeAt(index)
    if ((hexKinds[code] ?? 0) !== 1 || (code === 48 && run.charCodeAt(index + 1) === 120)) continue
    const value = code < 58 ? code - 48 : (code & 31) + 9
    if (high >= 0) bytes.push(high * 16 + value)
    high = high < 0 ? value : -1
  }
  return utf8(bytes)
}

/** Bytes as UTF-8; units above a byte as they are. */
function utf8(bytes: readonly number[]): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0
    const more = byte >= 0xf0 && byte < 0xf8 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0
    if (byte < 128 || byte > 255) {
      text += String.fromCharCode(byte)
      continue
    }
    let point = more === 0 ? -1 : byte & (0x3f >> more)
    for (let step = 1; step <= more && point >= 0; step += 1) {
      const next = bytes[index + step] ?? 0
      point = (next & 0xc0) === 0x80 ? (point << 6) | (next & 0x3f) : -1
    }
    if (point < 0 || point > 0x10ffff) {
      text += '\ufffd'
      continue
    }
    text += String.fromCodePoint(point)
    index += more
  }
  return text
}

const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Int8Array(128).fill(-1)
for (let index = 0; index < 64; index += 1) values[symbols.charCodeAt(index)] = index
values[45] = 62
values[95] = 63

const shortestBase64 = 16

/** The text with every run of at least sixteen symbols, and the two equals signs that may end it, replaced. Looks at every sixteenth character until one is a symbol. */
function replaceBase64(text: string, replace: (run: string) => string): string {
  let result = ''
  let taken = 0
  for (let probe = shortestBase64 - 1; probe < text.length;) {
    if (!isSymbol(text.charCodeAt(probe))) {
      probe += shortestBase64
      continue
    }
    let start = probe
    while (start > taken && isSymbol(text.charCodeAt(start - 1))) start -= 1
    let end = probe + 1
    while (end < text.length && isSymbol(text.charCodeAt(end))) end += 1
    if (end - start >= shortestBase64) {
      if (text.charCodeAt(end) === 61) end += text.charCodeAt(end + 1) === 61 ? 2 : 1
      result += text.slice(taken, start) + replace(text.slice(start, end))
      taken = end
    }
    probe = end + shortestBase64 - 1
  }
  return taken === 0 ? text : result + text.slice(taken)
}

const isSymbol = (code: number): boolean => code < 128 && (values[code] ?? -1) >= 0

/** Null for a run that is none, and as soon as it is plain that no text comes out of it: keys and hashes are left after a byte or two. */
function fromBase64(run: string): string | null {
  if (!/[A-Z]/.test(run) || !/[a-z0-9]/.test(run)) return null
  const bytes: number[] = []
  let bits = 0
  let held = 0
  /** How many more bytes the character has that was begun; -1 behind a byte that begins none. */
  let more = 0
  for (let index = 0; index < run.length; index += 1) {
    const value = values[run.charCodeAt(index)] ?? -1
    if (value < 0) break
    bits = ((bits << 6) | value) & 0xffffff
    held += 6
    if (held < 8) continue
    held -= 8
    const byte = (bits >> held) & 255
    const isMore = (byte & 0xc0) === 0x80
    if (more < 0 || (more > 0 && !isMore) || (more === 0 && isControl(byte))) return null
    more = more > 0 ? more - 1 : isMore ? -1 : bytesBehind(byte)
    bytes.push(byte)
  }
  return utf8(bytes).replace(/\ufffd$/, '')
}

const isControl = (byte: number): boolean => byte < 32 && byte !== 10 && byte !== 9 && byte !== 13

/** How many bytes follow the first one of a character in UTF-8; -1 when it is no first one. */
const bytesBehind = (byte: number): number => (byte < 0x80 ? 0 : byte >= 0xf0 && byte < 0xf8 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : -1)

function fromPercent(run: string): string {
  const bytes: number[] = []
  for (let index = 0; index < run.length; index += 1) {
    if (run[index] === '%' && index + 2 < run.length) {
      bytes.push(Number.parseInt(run.slice(index + 1, index + 3), 16))
      index += 2
    } else bytes.push(run.charCodeAt(index))
  }
  return utf8(bytes)
}

const fromEntities = (run: string): string => run.replace(/&#(x?)([0-9a-fA-F]+);/g, (_, hex: string, number: string) => {
  const point = Number.parseInt(number, hex === '' ? 10 : 16)
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ''
})

const morse: Readonly<Record<string, string>> = { '.-': 'a', '-...': 'b', '-.-.': 'c', '-..': 'd', '.': 'e', '..-.': 'f', '--.': 'g', '....': 'h', '..': 'i', '.---': 'j', '-.-': 'k', '.-..': 'l', '--': 'm', '-.': 'n', '---': 'o', '.--.': 'p', '--.-': 'q', '.-.': 'r', '...': 's', '-': 't', '..-': 'u', '...-': 'v', '.--': 'w', '-..-': 'x', '-.--': 'y', '--..': 'z', '.----': '1', '..---': '2', '...--': '3', '....-': '4', '.....': '5', '-....': '6', '--...': '7', '---..': '8', '----.': '9', '-----': '0' }
const fromMorse = (run: string): string => run.replace(/[\u00b7]/g, '.').replace(/\u2212/g, '-').split(/ ?\/ ?| {3}/).map((word) => word.split(/ +/).map((letter) => morse[letter] ?? '').join('')).join(' ')

/** What tag characters and variation selectors spell out: text that no reader sees and every model reads. */
export function hiddenText(text: string): string {
  if (!/[\udb40\ufe00-\ufe0f]/.test(text)) return ''
  let tags = ''
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (point >= 0xe0020 && point <= 0xe007e) tags += String.fromCharCode(point - 0xe0000)
    else if (point >= 0xe0100 && point <= 0xe01ef) bytes.push(point - 0xe0100 + 16)
    else if (point >= 0xfe00 && point <= 0xfe0f) bytes.push(point - 0xfe00)
  }
  const spelled = bytes.length >= 8 ? utf8(bytes) : ''
  return tags.length >= 4 ? `${tags} ${spelled}` : spelled
}
