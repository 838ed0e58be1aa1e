import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { ProblemError } from '../kernel/problem.ts'

/**
 * Bodies are JSON in UTF-8 (RFC 8259), and nothing else: what a form or a script of another site may send without asking is not read at
 * all. `__proto__` and `constructor.prototype` are refused wherever they stand.
 */
export function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) { done(new ProblemError('invalid-request', { detail: 'The body is not valid UTF-8.' })); return }
    void parse(request, body.toString('utf8'), done)
  })
}
