import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { composeTraining, toFile, trainingFolder } from './training-compose.ts'

const LARGEST_BYTES = 400_000
/** The share of attacks that the corpus, and each language in it, may have: beyond it the language itself would be evidence. */
const LEAST_SHARE = 0.4
const rowSchema = z.strictObject({
  text: z.string().trim().min(1),
  label: z.enum(['injection', 'benign']),
  kind: z.enum(['direct', 'indirect', 'jailbreak', 'multilingual', 'overdefense', 'ordinary']),
  lang: z.string().regex(/^(?:[a-z]{2}|mix)$/),
})
type Row = z.infer<typeof rowSchema>

const names = readdirSync(trainingFolder).filter((name) => name.endsWith('.json'))
const readRows = (name: string) => z.array(rowSchema).parse(JSON.parse(readFileSync(join(trainingFolder, name), 'utf8')))
const rows = names.flatMap(readRows)

/** What makes two texts the same to a learner of words: letters and digits, whatever the case; signs, where there is nothing else. */
const essence = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join(' ') ?? text

const repeated = (texts: readonly string[]) => texts.filter((text, index) => texts.indexOf(text) !== index)

function unbalanced(corpus: readonly Row[]): readonly string[] {
  const languages = Map.groupBy(corpus, ({ lang }) => lang)
  return [...languages].filter(([, of]) => {
    const share = of.filter(({ label }) => label === 'injection').length / of.length
    return share < LEAST_SHARE || share > 1 - LEAST_SHARE
  }).map(([lang]) => lang)
}

const harmlessKinds = new Set(['overdefense', 'ordinary'])
const attackKinds = new Set(['direct', 'indirect', 'jailbreak'])
const mislabelled = (corpus: readonly Row[]) => corpus.filter(({ label, kind }) => (label === 'injection' ? harmlessKinds : attackKinds).has(kind))

test('every file of the corpus keeps the schema, and its kinds fit its labels', () => {
  expect(names.length).toBeGreaterThan(10)
  expect(mislabelled(rows)).toEqual([])
  expect(mislabelled([{ text: 'x', label: 'benign', kind: 'direct', lang: 'en' }])).toHaveLength(1)
})

test('no file is larger than a reviewer can open', () => {
  expect(names.filter((name) => statSync(join(trainingFolder, name)).size > LARGEST_BYTES)).toEqual([])
})

test('no text stands in the corpus twice, whatever its case and punctuation', () => {
  expect(repeated(rows.map(({ text }) => essence(text)))).toEqual([])
  expect(repeated(['Stop it!', 'stop  it'].map(essence))).toEqual(['stop it'])
})

test('attacks and harmless texts are balanced in every language', () => {
  expect(unbalanced(rows)).toEqual([])
  expect(unbalanced(rows.filter(({ label, lang }) => lang !== 'de' || label === 'injection'))).toEqual(['de'])
})

test('length alone does not tell the labels apart', () => {
  const median = (label: Row['label']) => {
    const lengths = rows.filter((row) => row.label === label).map(({ text }) => text.length).toSorted((a, b) => a - b)
    return lengths[Math.floor(lengths.length / 2)] ?? 0
  }
  expect(median('injection') / median('benign')).toBeGreaterThan(0.5)
  expect(median('injection') / median('benign')).toBeLessThan(2)
})

test('the composed files are what their parts make', () => {
  for (const [name, composed] of Object.entries(composeTraining())) {
    expect(readFileSync(join(trainingFolder, `${name}.json`), 'utf8')).toBe(toFile(composed))
  }
})
