/** Reads JSON text as it comes. However it is cut, the pieces make up what the whole would give. */
export interface EscapeReader { push(chunk: string): string; end(): string }

const SIMPLE = /[^"\\\u0000-\u001f\u007f-\uffff]/
const ESCAPE_LENGTH = 6

/**
 * JSON may write any character as `\uXXXX`, and so hide a value from whoever reads the text as it stands. Escapes of plain printable ASCII
 * become the characters that they mean (RFC 8259, section 7); the value of the JSON is the same.
 */
export function createEscapeReader(): EscapeReader {
  let held = ''
  const read = (isEnd: boolean): string => {
    let text = ''
    let from = 0
    for (let at = held.indexOf('\\'); at >= 0; at = held.indexOf('\\', from)) {
      text += held.slice(from, at)
      const isCode = held[at + 1] === 'u'
      const length = isCode ? ESCAPE_LENGTH : 2
      if (held.length - at < length && !isEnd) { held = held.slice(at); return text }
      const escape = held.slice(at, at + length)
      text += isCode ? meaningOf(escape) : escape
      from = at + escape.length
    }
    text += held.slice(from)
    held = ''
    return text
  }
  return {
    push(chunk) {
      if (held === '' && !chunk.includes('\\')) return chunk
      held += chunk
      return read(false)
    },
    end: () => read(true),
  }
}

function meaningOf(escape: string): string {
  const digits = escape.slice(2)
  const character = /^[0-9a-f]{4}$/i.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : ''
  return SIMPLE.test(character) ? character : escape
}
