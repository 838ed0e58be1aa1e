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

/** Everything written for training: sentences in many languages, filled templates, and attacks hidden in carriers. */
export function authoredTexts(): AuthoredText[] {
  const texts: AuthoredText[] = []
  for (const { harmless, attacks } of Object.values(languages)) {
    for (const text of harmless) texts.push({ text, positive: false, source: 'authored_languages' })
    for (const text of attacks) texts.push({ text, positive: true, source: 'authored_languages' })
    texts.push({ text: harmless.join(' '), positive: false, source: 'authored_languages' })
  }
  for (const template of attackTemplates) for (let turn = 0; turn < 16; turn += 1) texts.push({ text: fill(template, turn), positive: true, source: 'authored_templates' })
  for (const template of harmlessTemplates) for (let turn = 0; turn < 10; turn += 1) texts.push({ text: fill(template, turn), positive: false, source: 'authored_templates' })
  carriers.forEach((carrier, place) => {
    texts.push({ text: carrier.replace('{}', ''), positive: false, source: 'authored_carriers' })
    attackTemplates.forEach((template, turn) => texts.push({ text: carrier.replace('{}', () => fill(template, turn + place)), positive: true, source: 'authored_carriers' }))
    harmlessTemplates.forEach((template, turn) => texts.push({ text: carrier.replace('{}', () => fill(template, turn + place)), positive: false, source: 'authored_carriers' }))
  })
  return [...new Map(texts.map((text) => [text.text, text])).values()]
}
