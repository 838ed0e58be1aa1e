/** One server-sent event, as in the HTML standard, section 9.2. */
export interface StreamEvent {
  readonly name: string
  readonly data: string
  /** The last id seen so far; null when none was. */
  readonly id: string | null
}

/** Reads a body as server-sent events. An event cut off by the end of the body is dropped, as the standard says. */
export async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  let name = ''
  let data: string[] = []
  let id: string | null = null
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const lines = (rest + chunk.value).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { name: name === '' ? 'message' : name, data: data.join('\n'), id }
          name = ''
          data = []
          continue
        }
        const colon = line.indexOf(':')
        const field = colon < 0 ? line : line.slice(0, colon)
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
        if (field === 'event') name = value
        else if (field === 'data') data.push(value)
        else if (field === 'id') id = value
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
