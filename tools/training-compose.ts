import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

/** One text of the training corpus (`tools/training/README.md`). */
export interface TrainingRow { readonly text: string; readonly label: 'injection' | 'benign'; readonly kind: string; readonly lang: string }

export const trainingFolder = join(import.meta.dirname, 'training')

/** How often each note is put into a document: there are fewer harmless notes. */
const PLACES_PER_NOTE = { hostile: 4, harmless: 5 }
/** How many persona prompts are put together of each label, and how many with nearly all the rules there are, for length. */
const PERSONAS = 280
const LONG_PERSONAS = 60
/** How many long texts of several documents are put together of each label. */
const BUNDLES = 70
/** How many announced orders, and as many chores, are put into documents. */
const ANNOUNCED = 220
/** How many prompts in sections are put together of each label. */
const SHEETS = 120
/** How many sentences that talk of an attack, and as many that make one, are put together. */
const MENTIONS = 240
/** How many harmless tasks, and questions under a pretext, are put together in each language. */
const TASKS_PER_LANGUAGE = 18
const PRETEXTS_PER_LANGUAGE = 18

const texts = z.array(z.string()).readonly()
const personaSchema = z.object({ names: texts, openings: texts, rules: texts, closings: texts })
const notesSchema = z.object({ notes: texts })
const tongueSchema = z.object({ opens: texts, tasks: texts, limits: texts, passages: texts, pretexts: texts, asks: texts, ways: texts, notes: texts })
const tonguesSchema = z.record(z.string(), tongueSchema)
const sheetSchema = z.object({ titles: texts, roles: texts, goals: texts, rules: texts, steps: texts, outputs: texts, hostile: texts })
const announcedSchema = z.object({ announcements: texts, tasks: texts, openers: texts, chores: texts })
const mentionsSchema = z.object({ phrases: texts, mentions: texts, uses: texts, harmless: texts, hostile: texts })
const carriersSchema = z.object({ requests: texts, carriers: texts })

function readPart<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(join(trainingFolder, 'parts', `${name}.json`), 'utf8')))
}

function pick(choices: readonly string[], turn: number): string {
  return choices[turn % choices.length] ?? ''
}

/** The places of a document where a note can stand. */
const SLOT = /\{[123]\}/g

/** A document with the note at one of its places, and sometimes the user's request above it. Another turn gives another place. */
function place(note: string, { carriers, requests }: z.infer<typeof carriersSchema>, turn: number): string {
  const carrier = pick(carriers, turn)
  const slots = carrier.match(SLOT) ?? []
  const slot = pick(slots, Math.floor(turn / carriers.length) + turn)
  const glue = slot === '{3}' ? '' : ' '
  const document = carrier.replace(slot, () => carrier.includes(`${slot}\n`) || carrier.includes(`${slot}<`) ? note : note + glue).replaceAll(SLOT, '').trim()
  return turn % 3 === 0 ? `${pick(requests, turn / 3)}\n\n${document}` : document
}

function placeAll(notes: readonly string[], how: { readonly label: TrainingRow['label']; readonly kind: string; readonly places: number }): TrainingRow[] {
  const carriers = readPart('carriers', carriersSchema)
  return notes.flatMap((note, index) => Array.from({ length: how.places }, (_, round) => ({
    text: place(note, carriers, index * 5 + round * 11 + how.label.length), label: how.label, kind: how.kind, lang: 'en',
  })))
}

/** Several documents in a row, one of which holds the note: what a search or a mailbox hands over. */
function bundle(note: string, label: TrainingRow['label'], turn: number): TrainingRow {
  const { carriers, requests } = readPart('carriers', carriersSchema)
  const size = 3 + turn % 6
  const documents = Array.from({ length: size }, (_, index) => pick(carriers, turn * 7 + index * 4).replaceAll(SLOT, '').trim())
  const holder = (turn * 3) % size
  documents[holder] = place(note, { carriers: [pick(carriers, turn * 7 + holder * 4)], requests: [''] }, turn)
  const text = [...(turn % 2 === 0 ? [pick(requests, turn)] : []), ...documents].map((part) => part.trim()).join(turn % 3 === 0 ? '\n\n---\n\n' : '\n\n')
  return { text, label, kind: label === 'injection' ? 'indirect' : 'ordinary', lang: 'en' }
}

const bundles = (notes: readonly string[], label: TrainingRow['label']) => Array.from({ length: BUNDLES }, (_, turn) => bundle(pick(notes, turn * 4 + Math.floor(turn / notes.length)), label, turn))

/** A persona prompt: an opening, some rules, a closing. The strides are coprime to the lists, so that no pair keeps meeting. */
function persona({ names, openings, rules, closings }: z.infer<typeof personaSchema>, turn: number): string {
  const count = turn < PERSONAS ? 1 + (turn + Math.floor(turn / openings.length)) % 4 : 7 + turn % 9
  const chosen = Array.from({ length: count }, (_rule, index) => pick(rules, turn * 11 + index * 7 + Math.floor(turn / rules.length)))
  const parts = [pick(openings, turn), ...new Set(chosen), pick(closings, turn * 5 + Math.floor(turn / closings.length))]
  return parts.join(pick(['\n\n', ' ', '\n'], turn)).replaceAll('{N}', pick(names, turn * 3 + Math.floor(turn / names.length)))
}

function personas(part: string, label: TrainingRow['label'], kind: string): TrainingRow[] {
  const pieces = readPart(part, personaSchema)
  return Array.from({ length: PERSONAS + LONG_PERSONAS }, (_, turn) => ({ text: persona(pieces, turn), label, kind, lang: 'en' }))
}

const programming = ['Python', 'C++', 'JavaScript', 'Java', 'Rust', 'C', 'Go', 'PHP', 'Bash', 'Ruby', 'Perl']

/** Programming tasks about security, with their limits: harmless, and full of words that attacks have too. */
function securityTask({ opens, tasks, limits }: z.infer<typeof tongueSchema>, turn: number): string {
  const task = pick(opens, turn + Math.floor(turn / 6)).replace('{T}', pick(tasks, turn)).replace('{L}', pick(programming, turn * 3))
  return [task, ...turn % 5 === 4 ? [] : [pick(limits, turn + Math.floor(turn / 4))], ...turn % 3 === 0 ? [pick(limits, turn + Math.floor(turn / 4) + 1)] : []].join(' ')
}

/** A pretext, a question for what must not be told, and sometimes a roundabout way to tell it. */
function pretextQuestion({ pretexts, asks, ways }: z.infer<typeof tongueSchema>, turn: number): string {
  const question = `${pick(pretexts, turn)} ${pick(asks, turn + Math.floor(turn / 7))}`
  return turn % 2 === 0 ? question : `${question} ${pick(ways, Math.floor(turn / 2))}`
}

/** The same few kinds of texts in one language: as many attacks as harmless ones. */
function tongue(pieces: z.infer<typeof tongueSchema>, lang: string): TrainingRow[] {
  const { passages, notes } = pieces
  const harmless = [...Array.from({ length: TASKS_PER_LANGUAGE }, (_, turn) => securityTask(pieces, turn)), ...passages, `${pick(passages, 0)} ${securityTask(pieces, 1)}`]
  const attacks = [
    ...Array.from({ length: PRETEXTS_PER_LANGUAGE }, (_, turn) => pretextQuestion(pieces, turn)),
    ...notes.flatMap((note, turn) => [`${pick(passages, 0)} ${note}`, `${securityTask(pieces, turn)} ${note}`]),
  ]
  const isEnglish = lang === 'en'
  return [
    ...harmless.map((text): TrainingRow => ({ text, label: 'benign', kind: isEnglish ? 'ordinary' : 'multilingual', lang })),
    ...attacks.map((text): TrainingRow => ({ text, label: 'injection', kind: isEnglish ? 'direct' : 'multilingual', lang })),
  ]
}

const tongues = (part: string): TrainingRow[] => Object.entries(readPart(part, tonguesSchema)).flatMap(([lang, pieces]) => tongue(pieces, lang))

/** An order behind an announcement, for documents; and a chore of people behind a heading. */
function announced(announcements: readonly string[], tasks: readonly string[]): string[] {
  return Array.from({ length: ANNOUNCED }, (_, turn) => `${pick(announcements, turn)} ${pick(tasks, turn * 2 + Math.floor(turn / announcements.length))}`)
}

/** A prompt in sections that gives the model a role; the same with one or two rules that do away with all others is an attack. */
function promptSheet(pieces: z.infer<typeof sheetSchema>, turn: number, hostile: readonly string[]): string {
  const rules = [...new Set(Array.from({ length: 2 + turn % 6 }, (_, index) => pick(pieces.rules, turn * 5 + index * 7)))]
  const place = turn % (rules.length + 1)
  const all = [...rules.slice(0, place), ...hostile, ...rules.slice(place)]
  const list = turn % 3 === 0 ? all.join(' ') : all.map((rule) => `- ${rule}`).join('\n')
  const parts = [pick(pieces.titles, turn), pick(pieces.goals, turn * 3 + 1), list, ...turn % 2 === 0 ? [pick(pieces.steps, turn + Math.floor(turn / 5))] : [], pick(pieces.outputs, turn * 3)]
  return parts.join('\n\n').replaceAll('{R}', pick(pieces.roles, turn + Math.floor(turn / 10)))
}

function promptSheets(): TrainingRow[] {
  const pieces = readPart('prompt-sheets', sheetSchema)
  const hostile = (turn: number): string[] => [pick(pieces.hostile, turn), ...turn % 2 === 0 ? [pick(pieces.hostile, turn * 3 + 5)] : []]
  return Array.from({ length: SHEETS }, (_, turn) => [
    { text: promptSheet(pieces, turn, []), label: 'benign' as const, kind: 'overdefense', lang: 'en' },
    { text: promptSheet(pieces, turn + 3, [...new Set(hostile(turn))]), label: 'injection' as const, kind: 'jailbreak', lang: 'en' },
  ]).flat()
}

/** Sentences that mention the words of an attack, and sentences that use them; and wordings that are harmless or not by what they are about. */
function mentions(): TrainingRow[] {
  const { phrases, mentions: talk, uses, harmless, hostile } = readPart('mentions', mentionsSchema)
  const fill = (frames: readonly string[], turn: number): string => {
    const text = pick(frames, turn).replace('{P}', () => pick(phrases, turn + Math.floor(turn / frames.length)))
    return text.charAt(0).toUpperCase() + text.slice(1)
  }
  return Array.from({ length: MENTIONS }, (_, turn): TrainingRow[] => [
    { text: fill(talk, turn), label: 'benign', kind: 'overdefense', lang: 'en' },
    { text: fill(uses, turn), label: 'injection', kind: 'direct', lang: 'en' },
  ]).flat().concat(
    harmless.map((text): TrainingRow => ({ text, label: 'benign', kind: 'overdefense', lang: 'en' })),
    hostile.map((text): TrainingRow => ({ text, label: 'injection', kind: 'direct', lang: 'en' })),
  )
}

/** The composed files of the corpus, by name: hand-written notes in hand-written documents, and persona prompts. */
export function composeTraining(): Readonly<Record<string, readonly TrainingRow[]>> {
  const hostile = readPart('notes-hostile', notesSchema)
  const harmless = readPart('notes-harmless', notesSchema)
  const orders = readPart('announced-tasks', announcedSchema)
  const { carriers } = readPart('carriers', carriersSchema)
  const clean = carriers.map((carrier): TrainingRow => ({ text: carrier.replaceAll(SLOT, '').trim(), label: 'benign', kind: 'ordinary', lang: 'en' }))
  return {
    'composed-indirect': placeAll(hostile.notes, { label: 'injection', kind: 'indirect', places: PLACES_PER_NOTE.hostile }),
    'composed-documents': [...placeAll(harmless.notes, { label: 'benign', kind: 'ordinary', places: PLACES_PER_NOTE.harmless }), ...clean],
    'composed-bundles': [...bundles(hostile.notes, 'injection'), ...bundles(harmless.notes, 'benign')],
    'composed-jailbreaks': personas('persona-attacks', 'injection', 'jailbreak'),
    'composed-announced': [
      ...placeAll(announced(orders.announcements, orders.tasks), { label: 'injection', kind: 'indirect', places: 1 }),
      ...placeAll(announced(orders.openers, orders.chores), { label: 'benign', kind: 'ordinary', places: 1 }),
    ],
    'composed-sheets': promptSheets(),
    'composed-mentions': mentions(),
    'composed-languages-a': tongues('tasks-and-pretexts-a'),
    'composed-languages-b': tongues('tasks-and-pretexts-b'),
    'composed-roles': personas('persona-harmless', 'benign', 'overdefense'),
  }
}

/** The form in which a file of the corpus is kept: one row a line, so that a difference can be read. */
export const toFile = (rows: readonly TrainingRow[]): string => `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`

if (import.meta.main) {
  for (const [name, rows] of Object.entries(composeTraining())) writeFileSync(join(trainingFolder, `${name}.json`), toFile(rows))
}
