import { problems } from '@sallyport/contract'
import type { DownloadReply, EventsReply, FileReply } from '../kernel/handler.ts'
import { toOpenAiError, toProblem, toTokenError, type ProblemError } from '../kernel/problem.ts'
import { signedOut, type LiveCall } from './live-calls.ts'
import type { Visit } from './visit.ts'

// Answers are written to Node's response itself: Fastify's reply costs more than all of the edge's steps together.

/** A JSON body, complete. */
export function sendJson(visit: Visit, status: number, body: unknown): void {
  // A string leaves in one write together with the head; a buffer would take two.
  const text = JSON.stringify(body)
  visit.headers['Content-Type'] ??= 'application/json; charset=utf-8'
  visit.headers['Content-Length'] = String(Buffer.byteLength(text))
  visit.raw.writeHead(status, visit.headers)
  visit.raw.end(visit.request.method === 'HEAD' ? undefined : text)
}

export function sendNothing(visit: Visit): void {
  visit.raw.writeHead(204, visit.headers)
  visit.raw.end()
}

/** The one way in which errors leave (RFC 9457, or the vendor's form under its own path). */
export function sendProblem(visit: Visit, error: ProblemError): void {
  const { status } = problems[error.code]
  if (visit.raw.headersSent) { visit.raw.destroy(); return }
  if (status === 401) visit.headers['WWW-Authenticate'] = 'Bearer realm="sallyport"'
  const retryAfter = error.members['retryAfterSeconds']
  if (typeof retryAfter === 'number') visit.headers['Retry-After'] = String(retryAfter)
  const allow = error.members['allow']
  if (typeof allow === 'string') visit.headers['Allow'] = allow
  // What is left of a body that was refused is not read; the connection ends with this answer.
  if (!visit.request.raw.complete) visit.headers['Connection'] = 'close'
  if (visit.dialect === 'openai') sendJson(visit, status, toOpenAiError(error, visit.correlationId))
  else if (visit.dialect === 'oauth') sendJson(visit, status, toTokenError(error, visit.correlationId))
  else {
    visit.headers['Content-Type'] = 'application/problem+json; charset=utf-8'
    sendJson(visit, status, toProblem(error, visit.correlationId))
  }
}

export function sendFile(visit: Visit, { bytes, mediaType, immutable, headers }: FileReply): void {
  visit.headers['Content-Type'] = mediaType
  visit.headers['Content-Length'] = String(bytes.byteLength)
  visit.headers['Cache-Control'] = immutable ? 'public, max-age=31536000, immutable' : 'no-store'
  Object.assign(visit.headers, headers)
  visit.raw.writeHead(200, visit.headers)
  visit.raw.end(visit.request.method === 'HEAD' ? undefined : bytes)
}

/** Writes a file as its source gives it. When it breaks off, or the reader's credential is revoked, the connection does too: half a file must not look whole. */
export async function sendDownload(visit: Visit, { bytes, mediaType, name }: DownloadReply, live: LiveCall): Promise<void> {
  const { raw } = visit
  const iterator = bytes[Symbol.asyncIterator]()
  // The first piece decides: until then a failure still gets its own status.
  let next = await iterator.next()
  Object.assign(visit.headers, { 'Content-Type': mediaType, 'Cache-Control': 'no-store', 'Content-Disposition': `attachment; filename="${name}"` })
  raw.writeHead(200, visit.headers)
  live.onRevoked = () => { raw.destroy() }
  try {
    for (; next.done !== true && !raw.destroyed; next = await iterator.next()) if (!raw.write(next.value)) await drained(raw)
    raw.end()
  } catch {
    raw.destroy()
  } finally {
    await iterator.return?.()
  }
}

/**
 * Writes frames as they come. What one turn of the event loop brings leaves in one packet; a slow reader slows the source, not the memory.
 * When the reader's credential is revoked, the stream ends there and then with what happened.
 */
export async function sendEvents(visit: Visit, { frames, failure, headers }: EventsReply, live: LiveCall): Promise<void> {
  const { raw } = visit
  const iterator = frames[Symbol.asyncIterator]()
  // The first frame decides: until then a failure still gets its own status.
  const first = await iterator.next()
  if (live.isRevoked) throw signedOut()
  visit.headers['Content-Type'] = 'text/event-stream; charset=utf-8'
  visit.headers['X-Accel-Buffering'] = 'no'
  Object.assign(visit.headers, headers)
  raw.writeHead(200, visit.headers)
  let waiting = ''
  let isFull = false
  const flush = () => {
    if (waiting === '' || raw.destroyed || live.isRevoked) return
    isFull = !raw.write(waiting)
    waiting = ''
  }
  live.onRevoked = () => {
    // What a slow reader has not taken yet, it shall not have.
    if (raw.writableNeedDrain) raw.destroy()
    else raw.end(failure(signedOut()))
  }
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) {
      if (raw.destroyed || live.isRevoked) break
      if (waiting === '') setImmediate(flush)
      waiting += next.value
      if (isFull || waiting.length > 65_536) {
        flush()
        if (raw.writableNeedDrain) await drained(raw)
        isFull = false
      }
    }
  } catch (error) {
    waiting += failure(error)
  } finally {
    await iterator.return?.()
  }
  flush()
  if (!raw.destroyed && !live.isRevoked) raw.end()
}

const drained = (raw: Visit['raw']) => new Promise<void>((resolve) => {
  const done = () => { raw.off('drain', done); raw.off('close', done); resolve() }
  raw.on('drain', done)
  raw.on('close', done)
})
