import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readVectors } from './eval-check.ts'
import { evaluate, removable } from './eval-figures.ts'
import { personalTypes, recognisedTypes, secretTypes } from './eval-spans.ts'

/** A small sample of our own: prompts as they stand in `eval-sample`, values from the guard's vectors, in the form of the data for development. */
let data: string
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'sallyport-eval-'))
  copyFileSync(new URL('eval-sample/prompts.jsonl', import.meta.url), join(data, 'prompts.jsonl'))
  const labels = new Map([...Object.entries(personalTypes), ...Object.entries(recognisedTypes)].flatMap(([label, types]) => types.map((type): [string, string] => [type, label])))
  const vectors = readVectors().filter(({ canary, finds }) => canary === undefined && !finds.some(([type]) => type.startsWith('injection')))
  const secrets: ReadonlySet<string> = secretTypes
  const spansOf = (text: string, finds: readonly (readonly [string, string])[]) => finds.map(([type, value]) => ({ type: labels.get(type) ?? type, start: text.indexOf(value), end: text.indexOf(value) + value.length }))
  const write = (name: string, rows: readonly object[]) => { writeFileSync(join(data, `${name}.jsonl`), rows.map((row) => JSON.stringify(row)).join('\n')) }
  write('pii', vectors.map(({ text, finds }) => ({ text, kind: 'vector', source: 'vectors', spans: spansOf(text, finds) })))
  write('secrets', vectors.map(({ text, finds }) => ({ text, source: 'vectors', label: finds.some(([type]) => secrets.has(type)) ? 'secret' : 'clean', spans: [] })))
})
afterAll(() => { rmSync(data, { recursive: true }) })

/** Everything but the timings. */
const only = ['G1', 'G2', 'G3', 'G5', 'G6', 'G7', 'G8', 'P5']
/** The data sheet of the weights is another test's. */
const missed = (without?: string) => evaluate({ data, without, only }).figures.filter(({ ok, name }) => !ok && !name.startsWith('weights')).map(({ id, name }) => `${id} ${name}`)

test('the sample meets every figure, and has each of them', () => {
  expect(missed()).toEqual([])
  expect(new Set(evaluate({ data, only }).figures.map(({ id }) => id))).toEqual(new Set(only))
})

describe('a guard without', () => {
  test.each(removable)('%s falls short', (without) => {
    expect(missed(without)).not.toEqual([])
  })

  test.each([['injection', /^G1 explicit attacks found/], ['email', /^G5 EMAIL F2/], ['person', /^G5 PERSON F2, recogniser on/], ['postal-address', /^G5 ADDRESS F2, recogniser on/], ['provider-key', /^G6 labelled secrets/], ['canary', /^G8 vectors/]])('%s falls short where it is measured', (without, figure) => {
    expect(missed(without).some((name) => figure.test(name))).toBe(true)
  })
})

describe('the command', () => {
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [new URL('eval.ts', import.meta.url).pathname, ...args], { encoding: 'utf8' })

  test('ends well where every figure is met, and not without a detector', () => {
    expect(run('--data', data, '--only', 'G5,G6').status).toBe(0)
    const broken = run('--data', data, '--only', 'G5,G6', '--without', 'iban')
    expect([broken.status, broken.stdout]).toEqual([1, expect.stringMatching(/^MISS G5 {2}IBAN F2: 0 /m)])
  })

  test('fails where there is nothing to measure, and refuses a detector that there is not', () => {
    expect(run('--data', tmpdir(), '--only', 'G5').status).toBe(1)
    expect(run('--data', data, '--without', 'nose')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^There is no detector nose\. Choose among injection, /) })
  })
})
