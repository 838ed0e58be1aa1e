import { fold, type Folded } from '../core/fold.ts'
import { decodeRuns, hiddenText } from './decodings.ts'

/** One way of reading a text; only the plain one has positions that lead back to the text. */
export interface View {
  readonly text: string
  readonly how: 'plain' | 'spaced' | 'leetspeak' | 'decoded' | 'rot13' | 'backwards' | 'hidden'
}

const lookalikes = new Map<string, string>()
const pair = (from: string, to: string): void => [...from].forEach((character, index) => lookalikes.set(character, to[index] ?? ''))
pair('аеорсухівӏԁѕјһԛԝɡкмтнвгАВЕКМНОРСТУХІЅЈ', 'aeopcyxib1dsjhqwgkmthbrABEKMHOPCTYXISJ'.replace('1', 'l'))
pair('αβεικνορτυχωηγδΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'abeiknoptuxwnydABEZHIKMNOPTYX')
pair('ıɑɩʀʏᴀᴄᴅᴇɢʜᴊᴋʟᴍɴᴏᴘꜱᴛᴜᴠᴡᴢøłđħŧƒ', 'iairyacdeghjklmnopstuvwzoldhtf')

const wordOfLetters = /[a-z\u0131\u0370-\u03ff\u0400-\u052f\u0251-\u02af\u1d00-\u1d25\ua731\u00f8\u0142\u0111\u0127\u0167\u0192]+/g
const plain = /^[\u0000-\u007f]*$/

/** Latin letters for look-alikes, in words that have both kinds: a word of one script is left as it is. */
function unmask(text: string): string {
  if (plain.test(text)) return text
  return text.replace(wordOfLetters, (word) => (/[a-z]/.test(word) && !plain.test(word) ? word.replace(/[^a-z]/g, (character) => lookalikes.get(character) ?? character) : word))
}

/** Lower case, folded, accents that were stacked on letters taken off. Keeps the number of UTF-16 units of the folded text. */
export function plainView(folded: Folded): string {
  return unmask(toLower(folded.text))
}

/** Lower case without change of length, so that positions hold. */
function toLower(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Every way in which a text can be read that differs from the plain one; none for ordinary prose. */
export function otherViews(original: string, lower: string, hints: { readonly rotated: boolean; readonly backwards: boolean }): View[] {
  const views: View[] = []
  const hidden = hiddenText(original)
  if (hidden !== '') views.push({ how: 'hidden', text: hidden.toLowerCase() })
  const spaced = joinSpaced(lower)
  if (spaced !== null) views.push({ how: 'spaced', text: spaced })
  const leet = unLeet(spaced ?? lower)
  if (leet !== null) views.push({ how: 'leetspeak', text: leet })
  const decoded = decodeRuns(original)
  if (decoded !== null) {
    const again = decodeRuns(decoded)
    views.push({ how: 'decoded', text: plainView(fold(again ?? decoded)) })
  }
  if (hints.rotated) views.push({ how: 'rot13', text: rotate(lower) })
  if (hints.backwards) views.push({ how: 'backwards', text: [...lower].reverse().join('') })
  return views
}

const rotate = (text: string): string => text.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97))

const spacedRun = /(?:[\p{L}\p{N}\p{P}\p{S}][ ._\-*|/]){8,}/u
/** `i g n o r e   a l l` as `ignore all`: one separator between letters, a wider gap between words. Null when little is spaced. */
function joinSpaced(text: string): string | null {
  if (!/(?:[^ ][ ._*|/-]){8}/.test(text) || !spacedRun.test(text)) return null
  const marks = [' ', '.', '-', '_', '*', '|', '/']
  for (const mark of marks) {
    const characters = [...text]
    let alternating = 0
    for (let index = 1; index < characters.length; index += 2) if (characters[index] === mark || characters[index] === '\n') alternating += 1
    if (alternating * 2 >= characters.length * 0.8) return characters.filter((_, index) => index % 2 === 0).join('').replace(/ {2,}/g, ' ')
  }
  return text.replace(/(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ ._\-*|/]){4,200}[\p{L}\p{N}](?![\p{L}\p{N}])/gu, (run) => run.replace(/([\p{L}\p{N}])[ ._\-*|/]/gu, '$1'))
}

const leetLetters: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 2: 'z', 3: 'e', 4: 'a', 5: 's', 6: 'g', 7: 't', 8: 'b', 9: 'g', '@': 'a', $: 's', '!': 'i', '+': 't', '|': 'i' }
const leetWord = /[a-z0-9@$!+|']+/g
const isMixed = (word: string): boolean => /[a-z][0-9@$!+|]|[0-9@$!+|][a-z]/.test(word)

/** `1gn0r3` as `ignore`. Null when few words mix letters and figures. */
function unLeet(text: string): string | null {
  if (!/[a-z][0-9@$!+|][a-z]|[0-9@$!+|][a-z]{2}/.test(text)) return null
  const mixed = text.match(leetWord)?.filter((word) => isMixed(word) && (word.replace(/[^0-9@$!+|]/g, '').length * 3 <= word.length * 2 || word.length < 5)).length ?? 0
  const words = text.match(/\S+/g)?.length ?? 1
  if (mixed < 2 || mixed * 7 < words) return null
  return text.replace(leetWord, (word) => (!/[a-z]/.test(word) && word.length < 2) ? word : word.replace(/[0-9@$!+|]/g, (figure) => leetLetters[figure] ?? figure).replace(/^i(?=i)/, 'i').replace(/ai{2}$/, 'all'))
}
