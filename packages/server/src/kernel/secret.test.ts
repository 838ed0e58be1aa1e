import { inspect } from 'node:util'
import pino from 'pino'
import { describe, expect, test } from 'vitest'
import { createLog, describeError } from './log.ts'
import { Secret } from './secret.ts'

const VALUE = 'the-planted-value'

describe('a secret', () => {
  test('shows itself nowhere but where it is asked for', () => {
    const secret = new Secret(VALUE)
    const wrapped = { deep: [{ secret }], error: new Error('failed', { cause: secret }) }
    const lines: string[] = []
    pino({}, { write: (line: string) => { lines.push(line) } }).info({ secret, wrapped }, 'event')
    const shown = [String(secret), secret.toString(), JSON.stringify(wrapped), inspect(wrapped, { depth: 10, showHidden: true }), Object.values(secret).join(), Object.getOwnPropertyNames(secret).join(), ...lines, 'the secret '.concat(secret as unknown as string)]
    for (const text of shown) expect(text).not.toContain(VALUE)
    expect(String(secret)).toBe('[secret]')
    expect(secret.reveal()).toBe(VALUE)
  })

  test('compares with a text of any length', () => {
    const secret = new Secret(VALUE)
    expect(secret.equals(VALUE)).toBe(true)
    for (const other of ['', VALUE.slice(1), `${VALUE} `, 'x'.repeat(10_000)]) expect(secret.equals(other)).toBe(false)
  })
})

describe('what is logged of an error', () => {
  test('is its name, the first line of its message and where it was, five causes deep', () => {
    let error = new Error('depth 0')
    for (let depth = 1; depth < 9; depth += 1) error = new Error(`depth ${depth}\nsecond line`, { cause: error })
    const described = JSON.stringify(describeError(error))
    expect(described).toContain('depth 8')
    expect(described).not.toContain('second line')
    expect(described).not.toContain('depth 1')
    expect(describeError('thrown text')).toEqual({ error: 'string' })
    expect(describeError(new Error('x'.repeat(5_000)))['message']).toHaveLength(500)
  })

  test('a log that is silent says nothing', () => {
    expect(() => { createLog('silent').error({}, 'nothing') }).not.toThrow()
  })
})
