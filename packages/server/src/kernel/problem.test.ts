import { Problem, problems, type ProblemCode } from '@sallyport/contract'
import { describe, expect, test } from 'vitest'
import { ProblemError, toOpenAiError, toProblem, toProblemError } from './problem.ts'

const codes = Object.keys(problems) as ProblemCode[]

describe('the one translator of errors', () => {
  test.each(codes)('%s has the form of RFC 9457, and one for OpenAI\'s clients', (code) => {
    const error = new ProblemError(code, { detail: 'Do this.', cause: new Error('never shown') })
    const problem = toProblem(error, 'req-1')
    expect(Problem.parse(problem)).toEqual(problem)
    expect(problem).toMatchObject({ type: `/problems/${code}`, status: problems[code].status, instance: 'urn:request:req-1', detail: 'Do this.' })
    const { error: foreign } = toOpenAiError(error, 'req-1')
    expect(foreign).toMatchObject({ message: `${problems[code].title}. Do this.`, request_id: 'req-1', type: expect.any(String), code: expect.any(String) })
    expect(JSON.stringify([problem, foreign])).not.toContain('never shown')
  })

  test.each([new Error('secret path /etc/x'), new TypeError('x is not a function'), 'text', null, undefined, 42, { code: 'FST_ERR_BAD_URL' }, Object.assign(new Error('E'), { code: 'SQLITE_BUSY', statusCode: 418 })])('what nobody planned (%s) is internal, and says nothing of itself', (thrown) => {
    const problem = toProblem(toProblemError(thrown), 'req-1')
    expect(problem).toMatchObject({ code: 'internal', status: 500 })
    expect(JSON.stringify(problem)).not.toMatch(/secret|function|text|SQLITE/)
  })

  test('a problem passes as it is, and what the framework says has its row', () => {
    const error = new ProblemError('conflict')
    expect(toProblemError(error)).toBe(error)
    expect(toProblemError(Object.assign(new Error('big'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' })).code).toBe('too-large')
    expect(toProblemError(Object.assign(new SyntaxError('Unexpected token'), { statusCode: 400 })).code).toBe('invalid-request')
    expect(toProblemError(new SyntaxError('in our own code')).code).toBe('internal')
  })

  test('every status of the catalogue is one of an error, and every title a sentence without its stop', () => {
    for (const code of codes) {
      expect(problems[code].status).toBeGreaterThanOrEqual(400)
      expect(problems[code].title).toMatch(/^[A-Z].*[^.]$/)
    }
  })

  test('the first refused field is named in OpenAI\'s way', () => {
    const error = new ProblemError('invalid-request', { members: { errors: [{ pointer: '/messages/0/role', detail: 'x' }, { pointer: '/n', detail: 'y' }] } })
    expect(toOpenAiError(error, 'r').error.param).toBe('messages.0.role')
    expect(toOpenAiError(new ProblemError('conflict'), 'r').error.param).toBeNull()
  })
})
