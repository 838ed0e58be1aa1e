import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { operationIds, operations } from './operations.ts'
import { toOpenApi } from './openapi.ts'
import { isProblemCode, problems } from './problems.ts'
import { idOf, idPrefixes, Password, type IdKind } from './schemas/common.ts'

const Described = z.object({ paths: z.record(z.string(), z.record(z.string(), z.object({
  operationId: z.string(), summary: z.string().min(3), parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), required: z.boolean(), schema: z.record(z.string(), z.unknown()) })),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(), responses: z.record(z.string(), z.unknown()),
}))) })

describe('the OpenAPI description', () => {
  const { paths } = Described.parse(toOpenApi())
  const all = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, described]) => ({ path, method, ...described })))

  test('has every operation once, under its method and path', () => {
    expect(all.map(({ operationId }) => operationId).toSorted()).toEqual([...operationIds].toSorted())
    for (const { operationId, method } of all) expect(method).toBe(operations[operationId as (typeof operationIds)[number]].method.toLowerCase())
  })

  test.each(all)('$operationId names each parameter of its path, and what it answers', ({ path, operationId, parameters, responses }) => {
    expect(parameters.filter(({ in: place }) => place === 'path').map(({ name, required }) => ({ name, required })))
      .toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, required: true })))
    expect(Object.keys(responses)).toContain('default')
    // A navigation ends with a page, or sends the browser on.
    expect(Object.keys(responses)).toHaveLength(operations[operationId as (typeof operationIds)[number]].media === 'navigation' ? 3 : 2)
  })

  test('every reference leads somewhere, and the whole is JSON', () => {
    const description = toOpenApi()
    const text = JSON.stringify(description)
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) expect(Object.keys((description['components'] as { schemas: object }).schemas)).toContain(name)
    expect(JSON.parse(text)).toEqual(description)
    expect(toOpenApi()).toEqual(description)
  })
})

describe('the table of operations', () => {
  test('no two operations share a method and path, and parameters are the ones that the path names', () => {
    const lines = operationIds.map((id) => `${operations[id].method} ${operations[id].path}`)
    expect(new Set(lines).size).toBe(lines.length)
    for (const id of operationIds) {
      const { path, params } = operations[id]
      const named = [...path.matchAll(/:(\w+)|(\*)/g)].map(([, name, star]) => name ?? star)
      expect(params instanceof z.ZodObject ? Object.keys(params.shape) : []).toEqual(named)
    }
  })

  test('what reads takes no body, and our own bodies refuse fields that nobody knows', () => {
    for (const id of operationIds) {
      const { method, body, dialect } = operations[id]
      if (method === 'GET' || method === 'DELETE') expect(body).toBeInstanceOf(z.ZodUndefined)
      // A form is another's protocol: OpenID Connect Back-Channel Logout 1.0, section 2.5, lets it carry more.
      if (!(body instanceof z.ZodUndefined) && dialect === 'problem' && !('takesForm' in operations[id])) {
        const result = body.safeParse({ nobody_knows_this: 1 })
        expect(JSON.stringify(result.error?.issues)).toContain('nobody_knows_this')
      }
    }
  })
})

describe('ids, passwords and problems', () => {
  test('an id of one kind is none of another', () => {
    const kinds = Object.keys(idPrefixes) as IdKind[]
    for (const kind of kinds) for (const other of kinds) expect(idOf(kind).safeParse(`${idPrefixes[other]}_${'0'.repeat(32)}`).success).toBe(kind === other)
    expect(new Set(Object.values(idPrefixes)).size).toBe(kinds.length)
  })

  test('a password is judged by its length first', () => {
    expect(Password.safeParse('a'.repeat(14)).success).toBe(false)
    expect(Password.safeParse('fifteen letters').success).toBe(true)
    expect(Password.safeParse('x'.repeat(257)).success).toBe(false)
  })

  test('a code is one of the catalogue, and not of its prototype', () => {
    for (const code of Object.keys(problems)) expect(isProblemCode(code)).toBe(true)
    for (const code of ['constructor', 'toString', '__proto__', '', 'nothing']) expect(isProblemCode(code)).toBe(false)
  })
})
