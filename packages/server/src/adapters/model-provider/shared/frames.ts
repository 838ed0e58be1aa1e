import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import { ProviderFailure } from '../../../ports/model-provider.ts'

/** One event or line may not be longer than this, whatever the answer's whole size. */
const MAX_FRAME_LENGTH = 1_048_576

/** Cuts a stream of bytes into the texts that each hold one JSON value. Where the bytes are cut does not matter. */
export interface Frames {
  /** Throws `ProviderFailure` (`too-large`) where one frame is over a million characters. The frames that ended before it are in `ended`. */
  feed(chunk: Uint8Array, ended: string[]): void
  /** What stands at the end without its last line break. */
  end(ended: string[]): void
}

const tooLong = () => new ProviderFailure('too-large', `One event of the answer is longer than ${MAX_FRAME_LENGTH} characters.`)

/** Server-sent events (WHATWG HTML section 9.2): the data of each. Names, ids and comments are dropped. */
export function createEventFrames(): Frames {
  const decoder = new StringDecoder('utf8')
  let ended: string[] = []
  let failed = false
  const parser = createParser({
    maxBufferSize: MAX_FRAME_LENGTH,
    onEvent: ({ data }) => { ended.push(data) },
    onError: ({ type }) => { if (type === 'max-buffer-size-exceeded') failed = true },
  })
  return {
    feed(chunk, into) {
      ended = into
      parser.feed(decoder.write(chunk))
      if (failed) throw tooLong()
    },
    end() {},
  }
}

/** Newline-delimited JSON. Empty lines are dropped. */
export function createLineFrames(): Frames {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    feed(chunk, ended) {
      const text = rest + decoder.write(chunk)
      let from = 0
      for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
        const line = text.slice(from, to).trim()
        if (line !== '') ended.push(line)
        from = to + 1
      }
      rest = text.slice(from)
      if (rest.length > MAX_FRAME_LENGTH) throw tooLong()
    },
    end(ended) {
      const line = (rest + decoder.end()).trim()
      rest = ''
      if (line !== '') ended.push(line)
    },
  }
}
