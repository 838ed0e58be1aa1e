/** A piece of a document, as long as a reader likes to check. `from` and `to` are offsets in the document's text. */
export interface Piece { readonly heading: string; readonly text: string; readonly from: number; readonly to: number }

export type MediaType = 'text/plain' | 'text/markdown'

/** A passage is closed when it holds this many words, */
const ENOUGH_WORDS = 120
/** takes no block that would bring it above this many, */
const MOST_WORDS = 200
/** and none is longer than this, whatever it is made of. */
const MOST_CHARACTERS = 2_400

interface Range { readonly from: number; readonly to: number }
interface Block extends Range { readonly words: number; readonly kind: 'text' | 'whole' | 'heading'; readonly level: number }

const FENCE = /^ {0,3}(`{3,}|~{3,})/
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]|$)/
const UNDERLINE = /^ {0,3}(?:=+|-{2,})[ \t]*$/
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]/
const TABLE_ROW = /^ {0,3}\|/

/** After so many blocks without a passage it is time for others. */
const BLOCKS_AT_ONCE = 2_000

/** Cuts a document into passages in one pass: by headings, then by paragraphs, then, where a block is too long, by sentences and lines. */
export function* toPieces(text: string, mediaType: MediaType): Generator<Piece> {
  for (const piece of piecesAndPauses(text, mediaType)) if (piece !== null) yield piece
}

/** The same, with null wherever a long stretch gave no passage: whoever goes through it lets others work there, for a document may be made of nothing but headings. */
export function* piecesAndPauses(text: string, mediaType: MediaType): Generator<Piece | null> {
  const path: string[] = []
  let open: Block[] = []
  const close = () => {
    const [first] = open
    const last = open.at(-1)
    open = []
    return first === undefined || last === undefined ? null : { heading: path.filter((part) => part !== '').join(' › '), text: text.slice(first.from, last.to), from: first.from, to: last.to }
  }
  let words = 0
  let blocks = 0
  for (const block of cutBlocks(text, mediaType)) {
    blocks += 1
    if (blocks % BLOCKS_AT_ONCE === 0) yield null
    if (block.kind === 'heading' || words >= ENOUGH_WORDS || words + block.words > MOST_WORDS || block.to - (open[0]?.from ?? block.from) > MOST_CHARACTERS) {
      const piece = close()
      if (piece !== null) yield piece
      words = 0
    }
    if (block.kind === 'heading') {
      while (path.length < block.level) path.push('')
      path.length = block.level
      path[block.level - 1] = plainHeading(text.slice(block.from, block.to))
    } else {
      open.push(block)
      words += block.words
    }
  }
  const piece = close()
  if (piece !== null) yield piece
}

const plainHeading = (line: string) => line.replace(/^[ #\t]+|[ #\t\r]+$/g, '').replace(/[`*_]{1,2}/g, '').slice(0, 200)

function* cutBlocks(text: string, mediaType: MediaType): Generator<Block> {
  for (const block of mediaType === 'text/markdown' ? markdownBlocks(text) : plainBlocks(text)) {
    if (block.kind === 'heading' || (block.words <= MOST_WORDS && block.to - block.from <= MOST_CHARACTERS)) yield block
    else yield* parts(text, block)
  }
}

interface Line extends Range { readonly text: string }

function* lines(text: string): Generator<Line> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const to = end === -1 ? text.length : end
    yield { from, to, text: text.slice(from, to) }
    from = to + 1
  }
}

const countWords = (text: string) => text.match(/\S+/g)?.length ?? 0
const wordsIn = (text: string, { from, to }: Range) => (to - from > MOST_CHARACTERS ? MOST_CHARACTERS : countWords(text.slice(from, to)))
const blockOf = (text: string, range: Range, kind: 'text' | 'whole'): Block => ({ from: range.from, to: range.to, kind, level: 0, words: wordsIn(text, range) })
const headingOf = ({ from, to }: Range, level: number): Block => ({ from, to, kind: 'heading', level, words: 0 })

function* plainBlocks(text: string): Generator<Block> {
  let from = -1
  let to = 0
  for (const line of lines(text)) {
    if (line.text.trim() === '') { if (from >= 0) yield blockOf(text, { from, to }, 'text'); from = -1; continue }
    if (from < 0) from = line.from
    to = line.to
  }
  if (from >= 0) yield blockOf(text, { from, to }, 'text')
}

interface Open { readonly from: number; to: number; readonly kind: 'text' | 'whole'; readonly fence: string; blank: boolean; lineCount: number }

/** Blocks of Markdown, as far as retrieval needs them: headings, fenced code, lists and tables kept whole, paragraphs. */
function* markdownBlocks(text: string): Generator<Block> {
  let open: Open | null = null
  for (const line of lines(text.startsWith('---\n') ? withoutFrontMatter(text) : text)) {
    const fence = FENCE.exec(line.text)?.[1] ?? ''
    if (open !== null && open.fence !== '') {
      open.to = line.to
      if (fence.startsWith(open.fence) && line.text.trim() === fence) { yield blockOf(text, open, 'whole'); open = null }
      continue
    }
    const heading = HEADING.exec(line.text)?.[1]
    const underlined: boolean = open !== null && open.kind === 'text' && open.lineCount === 1 && !open.blank && UNDERLINE.test(line.text)
    if (open !== null && underlined) { yield headingOf(open, line.text.includes('=') ? 1 : 2); open = null; continue }
    if (line.text.trim() === '') { if (open?.kind === 'text') { yield blockOf(text, open, 'text'); open = null } else if (open !== null) open.blank = true; continue }
    if (open !== null && (fence !== '' || heading !== undefined || startsBlock(open, line.text))) { yield blockOf(text, open, open.kind); open = null }
    if (heading !== undefined) { yield headingOf(line, heading.length); continue }
    if (open === null) open = { from: line.from, to: line.to, kind: fence !== '' || LIST_ITEM.test(line.text) || TABLE_ROW.test(line.text) ? 'whole' : 'text', fence, blank: false, lineCount: 1 }
    else { open.to = line.to; open.blank = false; open.lineCount += 1 }
  }
  if (open !== null) yield blockOf(text, open, open.kind)
}

/** A list goes on over blank lines while items or indented lines follow; a paragraph ends where a list or a table begins. */
const startsBlock = (open: Open, line: string) => (open.kind === 'text' ? LIST_ITEM.test(line) || TABLE_ROW.test(line) : open.blank && !LIST_ITEM.test(line) && !/^[ \t]/.test(line))

/** Blanks the front matter out, so that offsets stay. */
function withoutFrontMatter(text: string): string {
  const end = text.indexOf('\n---\n', 3)
  return end === -1 || end > 20_000 ? text : ' '.repeat(end + 4) + text.slice(end + 4)
}

/** Cuts a block that is too long: at line ends where it has lines, at sentence ends, at spaces, and at last anywhere but within a character. */
function* parts(text: string, block: Block): Generator<Block> {
  for (let from = block.from; from < block.to;) {
    const to = endOfPart(text, from, block.to)
    if (text.slice(from, to).trim() !== '') yield { ...block, from, to, words: wordsIn(text, { from, to }) }
    from = to
  }
}

function endOfPart(text: string, from: number, limit: number): number {
  const furthest = Math.min(limit, from + MOST_CHARACTERS)
  const window = text.slice(from, furthest)
  const whole = furthest === limit && countWords(window) <= MOST_WORDS
  if (whole) return limit
  const most = lengthOfWords(window, MOST_WORDS)
  const least = lengthOfWords(window, ENOUGH_WORDS / 2)
  for (const end of [/\n/g, /[.!?…]["')\]”’]?\s|[。！？]/gu, /\s/g]) {
    const ends = [...window.slice(0, most).matchAll(end)].map((match) => match.index + match[0].length)
    const last = ends.findLast((at) => at >= least)
    if (last !== undefined) return from + last
  }
  return from + (/[\uD800-\uDBFF]/.test(window[most - 1] ?? '') && most > 1 ? most - 1 : most)
}

/** The length of the beginning of `text` that holds at most so many words. */
function lengthOfWords(text: string, most: number): number {
  let count = 0
  for (const word of text.matchAll(/\S+/g)) if (++count > most) return word.index
  return text.length
}
