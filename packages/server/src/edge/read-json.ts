import { isUtf8 } from 'node:buffer'
import { operations, type Operation } from '@sallyport/contract'
import type { FastifyInstance } from 'fastify'
import { ProblemError } from '../kernel/problem.ts'

/** Deeper than any schema of a tool needs. What writes JSON again, here or at a vendor, calls itself once for each level. */
const DEEPEST = 128

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Bodies are JSON in UTF-8 (RFC 8259), and forms where an operation takes one, of which none looks at a cookie: what a form or a script of
 * another site may send without asking is not read elsewhere. `__proto__` and `constructor.prototype` are refused wherever they stand, and so is what is nested without end.
 */
export function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) { done(new ProblemError('invalid-request', { detail: 'The body is not valid UTF-8.' })); return }
    if (isTooDeep(body)) { done(new ProblemError('invalid-request', { detail: `The body is nested more than ${DEEPEST} levels deep.` })); return }
    void parse(request, body.toString('utf8'), done)
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const { operationId } = request.routeOptions.config
    const operation: Operation | null = operationId === undefined ? null : operations[operationId]
    if (operation?.takesForm !== true) { done(new ProblemError('unsupported-media-type', { detail: 'Send JSON, as application/json.' })); return }
    if (!isUtf8(body)) { done(new ProblemError('invalid-request', { detail: 'The body is not valid UTF-8.' })); return }
    const fields = new URLSearchParams(body.toString('utf8'))
    // Of a field that comes twice, one reader takes the first and another the last (RFC 6749, section 3.2).
    const repeated = [...new Set(fields.keys())].find((name) => fields.getAll(name).length > 1)
    if (repeated !== undefined) { done(new ProblemError('invalid-request', { detail: 'Send each field once.' })); return }
    done(null, Object.fromEntries(fields))
  })
}

/** Counts brackets outside of strings. What is no JSON is left to the parser to refuse. */
function isTooDeep(body: Buffer): boolean {
  let depth = 0
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index] ?? 0
    if (byte === QUOTE) {
      index += 1
      while (index < body.length && body[index] !== QUOTE) index += body[index] === BACKSLASH ? 2 : 1
    } else if ((byte | 0x20) === 0x7b) {
      depth += 1
      if (depth > DEEPEST) return true
    } else if ((byte | 0x20) === 0x7d) depth -= 1
  }
  return false
}
