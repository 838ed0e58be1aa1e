import { connect, type Socket } from 'node:net'

/** What came back for one request. Times are milliseconds after the request's first byte was written. */
export interface Exchange {
  readonly status: number
  readonly milliseconds: number
  /** When the first non-empty piece of text arrived; NaN where none did. */
  readonly firstTextMilliseconds: number
  /** Whether a stream ended with OpenAI's `[DONE]`. */
  readonly done: boolean
  /** The beginning of the body, raw, kept for refusals only. */
  readonly refusal: string
}

export interface Connection {
  /** Sends one prepared request and reads its answer to the end. One at a time. */
  exchange(request: Buffer): Promise<Exchange>
  close(): void
}

const textMark = Buffer.from('"content":"')
const doneMark = Buffer.from('[DONE]')

/** Whether a non-empty `"content"` begins in these bytes. */
const holdsText = (bytes: Buffer): boolean => {
  for (let at = bytes.indexOf(textMark); at !== -1; at = bytes.indexOf(textMark, at + 1)) {
    const next = bytes[at + textMark.length]
    if (next !== undefined && next !== 0x22) return true
  }
  return false
}

interface Reading { status: number; head: string | null; left: number; chunked: boolean; lastChunk: boolean; sizeLine: string; started: number; firstText: number; done: boolean; refusal: string }
const fresh = (): Reading => ({ status: 0, head: '', left: 0, chunked: false, lastChunk: false, sizeLine: '', started: performance.now(), firstText: Number.NaN, done: false, refusal: '' })

/** Reads the head if it is complete; gives where the body begins, or -1. */
const readHead = (reading: Reading, bytes: Buffer): number => {
  const before = reading.head?.length ?? 0
  const text = (reading.head ?? '') + bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) { reading.head = text; return -1 }
  const head = text.slice(0, end).toLowerCase()
  reading.head = null
  reading.status = Number(head.slice(9, 12))
  reading.chunked = head.includes('\r\ntransfer-encoding: chunked')
  reading.left = reading.chunked ? 0 : Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
  return end + 4 - before
}

/** Counts body bytes; true at the answer's end. Chunked framing is read without copying. */
const readBody = (reading: Reading, bytes: Buffer, from: number): boolean => {
  if (!reading.chunked) {
    reading.left -= bytes.length - from
    return reading.left <= 0
  }
  let at = from
  while (at < bytes.length) {
    if (reading.left > 0) {
      const step = Math.min(reading.left, bytes.length - at)
      reading.left -= step
      at += step
      if (reading.left === 0 && reading.lastChunk) return true
      continue
    }
    const end = bytes.indexOf(0x0a, at)
    if (end === -1) { reading.sizeLine += bytes.toString('latin1', at); return false }
    const size = Number.parseInt(reading.sizeLine + bytes.toString('latin1', at, end), 16)
    reading.sizeLine = ''
    reading.left = size + 2
    reading.lastChunk = size === 0
    at = end + 1
  }
  return false
}

/** A keep-alive connection over a bare socket: a client that costs next to nothing. Opens again when the server has closed it. */
export const openConnection = (port: number): Connection => {
  let socket: Socket | null = null
  const opened = (): Promise<Socket> => new Promise((resolve, reject) => {
    if (socket !== null && !socket.destroyed && socket.writable) { resolve(socket); return }
    const next = connect(port, '127.0.0.1', () => { next.off('error', reject); resolve(next) })
    next.setNoDelay(true)
    next.once('error', reject)
    socket = next
  })
  return {
    close: () => { socket?.destroy() },
    exchange: async request => {
      const open = await opened()
      return await new Promise<Exchange>((resolve, reject) => {
        const reading = fresh()
        const leave = (): void => { open.off('data', take); open.off('close', fail); open.off('error', fail) }
        const fail = (): void => { leave(); open.destroy(); reject(new Error(`Port ${port} closed the connection in the middle of an answer.`)) }
        const take = (bytes: Buffer): void => {
          let from = 0
          if (reading.head !== null) {
            from = readHead(reading, bytes)
            if (from === -1) return
          }
          if (Number.isNaN(reading.firstText) && holdsText(bytes)) reading.firstText = performance.now() - reading.started
          if (!reading.done && bytes.includes(doneMark)) reading.done = true
          if (reading.status !== 200 && reading.refusal.length < 400) reading.refusal += bytes.toString('utf8', from)
          if (!readBody(reading, bytes, from)) return
          leave()
          resolve({ status: reading.status, milliseconds: performance.now() - reading.started, firstTextMilliseconds: reading.firstText, done: reading.done, refusal: reading.refusal })
        }
        open.on('data', take)
        open.once('close', fail)
        open.once('error', fail)
        open.write(request)
      })
    },
  }
}
