import { readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'
import { attackTemplates, carriers, harmlessTemplates, languages, slots } from './train-guard-texts.ts'

export interface AuthoredText {
  readonly text: string
  readonly positive: boolean
  readonly source: string
}

/** Fills a template's slots, taking the choices in a fixed rotation. */
function fill(template: string, turn: number): string {
  let place = 0
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const choices = slots[name] ?? ['']
    place += 1
    return choices[(turn * (place * 2 + 1) + place * 5 + template.length) % choices.length] ?? ''
  }).replace(/ {2,}/g, ' ')
}

const corpusText = z.object({ text: z.string().min(1), label: z.enum(['injection', 'benign']), kind: z.string(), lang: z.string() })
const corpusFolder = new URL('training/', import.meta.url)

/** The authors' corpus: every file of `tools/training`, each a source of its own. Throws for a row that is not as it should be. */
export function corpusTexts(): AuthoredText[] {
  return readdirSync(corpusFolder).filter((name) => name.endsWith('.json')).sort().flatMap((name) => {
    const rows = z.array(corpusText).parse(JSON.parse(readFileSync(new URL(name, corpusFolder), 'utf8')))
    return rows.map(({ text, label }) => ({ text, positive: label === 'injection', source: `authored:${name.replace('.json', '')}` }))
  })
}

/** Everything written for training: the corpus, sentences in many languages, filled templates, and attacks hidden in carriers. */
export function authoredTexts(): AuthoredText[] {
  const texts: AuthoredText[] = corpusTexts()
  for (const { harmless, attacks } of Object.values(languages)) {
    for (const text of harmless) texts.push({ text, positive: false, source: 'authored:languages' })
    for (const text of attacks) texts.push({ text, positive: true, source: 'authored:languages' })
    texts.push({ text: harmless.join(' '), positive: false, source: 'authored:languages' })
  }
  for (const template of attackTemplates) for (let turn = 0; turn < 16; turn += 1) texts.push({ text: fill(template, turn), positive: true, source: 'authored:templates' })
  for (const template of harmlessTemplates) for (let turn = 0; turn < 10; turn += 1) texts.push({ text: fill(template, turn), positive: false, source: 'authored:templates' })
  carriers.forEach((carrier, place) => {
    texts.push({ text: carrier.replace('{}', ''), positive: false, source: 'authored:carriers' })
    attackTemplates.forEach((template, turn) => texts.push({ text: carrier.replace('{}', () => fill(template, turn + place)), positive: true, source: 'authored:carriers' }))
    harmlessTemplates.forEach((template, turn) => texts.push({ text: carrier.replace('{}', () => fill(template, turn + place)), positive: false, source: 'authored:carriers' }))
  })
  return [...new Map(texts.map((text) => [text.text, text])).values()]
}
