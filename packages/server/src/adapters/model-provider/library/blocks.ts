/**
 * A block of a passage, and what it is made of: prose of sentences, a list of its items, a table of its rows (the head apart), code of itself alone.
 */
export interface Block { readonly kind: 'prose' | 'list' | 'code' | 'table'; readonly text: string; readonly parts: readonly string[]; readonly head: string }

const FENCE = /^ {0,3}(`{3,}|~{3,})/
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]/
const TABLE_ROW = /^ {0,3}\|/
const sentenceSegmenter = new Intl.Segmenter('und', { granularity: 'sentence' })

/** Cuts a passage of Markdown or plain text into blocks, in order. */
export function toBlocks(text: string): readonly Block[] {
  const blocks: Block[] = []
  let lines: string[] = []
  let kind: Block['kind'] = 'prose'
  let fence = ''
  const close = () => {
    const whole = lines.join('\n').trimEnd()
    if (whole.trim() !== '') blocks.push(toBlock(kind, fence === '' ? whole : `${whole}\n${fence}`))
    lines = []
    kind = 'prose'
    fence = ''
  }
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1] ?? ''
    if (fence !== '') {
      lines.push(line)
      if (mark.startsWith(fence) && line.trim() === mark) { fence = ''; close() }
      continue
    }
    const begins = kindOf(line, mark)
    if (continues(kind, begins, line)) { lines.push(line); continue }
    close()
    if (line.trim() === '') continue
    kind = begins
    fence = mark
    lines.push(line)
  }
  close()
  return blocks
}

function toBlock(kind: Block['kind'], text: string): Block {
  if (kind === 'prose') return { kind, text, parts: toSentences(text), head: '' }
  if (kind === 'list') return { kind, text, parts: text.split(/\n(?= {0,1}(?:[-*+]|\d{1,9}[.)])[ \t])/), head: '' }
  if (kind === 'code') return { kind, text, parts: [text], head: '' }
  const rows = text.split('\n')
  const head = /^[\s|:-]+$/.test(rows[1] ?? '') ? rows.slice(0, 2) : []
  return { kind, text, parts: rows.slice(head.length), head: head.join('\n') }
}

function kindOf(line: string, mark: string): Block['kind'] {
  if (mark !== '') return 'code'
  if (LIST_ITEM.test(line)) return 'list'
  return TABLE_ROW.test(line) ? 'table' : 'prose'
}

/** Whether a line belongs to the open block. A list goes on over indented lines, also those of a fence within it. */
function continues(kind: Block['kind'], begins: Block['kind'], line: string): boolean {
  if (kind === 'list') return begins === 'list' || /^[ \t]{2,}\S/.test(line) || line.trim() === ''
  return kind !== 'code' && line.trim() !== '' && begins === kind
}

/** The sentences of a paragraph; its line ends become spaces. */
export const toSentences = (text: string): readonly string[] =>
  [...sentenceSegmenter.segment(text.replace(/(?<!\s)\s*\n\s*/g, ' '))].map(({ segment }) => segment.trim()).filter((sentence) => sentence !== '')
