import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'
import { createStreamGuard, type InspectOptions, inspect, recognisers, usualTypes } from '../packages/guard/src/index.ts'

const vector = z.object({
  rule: z.string(),
  text: z.string(),
  finds: z.array(z.tuple([z.string(), z.string()])).describe('the types and values that must be found, in order; hints about attacks are left out unless named'),
  canary: z.string().optional(),
  recognise: z.array(z.enum(recognisers)).optional().describe('recognisers that are switched on beside the usual detectors'),
})

export type Vector = Readonly<z.infer<typeof vector>>

const folder = new URL('../packages/guard/src/', import.meta.url)

/** The project's own vectors. */
export function readVectors(): Vector[] {
  const directory = new URL('vectors/', folder)
  return readdirSync(directory).filter((name) => name.endsWith('.json')).sort().flatMap((name) => z.array(vector).parse(JSON.parse(readFileSync(new URL(name, directory), 'utf8'))))
}

/** What a vector finds, in the form in which it is written down. */
export function findsOf(vector: Vector, without?: string): [string, string][] {
  const { text } = vector
  return inspect(text, optionsOf(vector, without)).map(({ type, start, end }) => [type, type.startsWith('injection') ? '' : text.slice(start, end)])
}

const optionsOf = ({ canary, recognise = [] }: Vector, without?: string): InspectOptions => ({
  ...(canary === undefined ? {} : { canary }), types: new Set([...usualTypes, ...recognise].filter((type) => !isLeftOut(type, without))),
})

/** Whether a detector was taken away; `injection` takes away all three of its types. */
export const isLeftOut = (type: string, without: string | undefined): boolean => type === without || (without === 'injection' && type.startsWith('injection-'))

/** G8: every vector as written, whole and streamed, and the weights those of the data sheet. */
export function continuousCheck(without?: string): { readonly vectors: number; readonly wrong: readonly string[]; readonly weightsMatch: boolean } {
  const vectors = readVectors()
  const wrong = vectors.filter((vector) => JSON.stringify(findsOf(vector, without)) !== JSON.stringify(vector.finds) || !streamsAlike(vector, without)).map(({ rule }) => rule)
  const digest = createHash('sha256').update(readFileSync(new URL('injection/weights.json', folder))).digest('hex')
  return { vectors: vectors.length, wrong, weightsMatch: readFileSync(new URL('injection/weights.md', folder), 'utf8').includes(digest) }
}

function streamsAlike(vector: Vector, without: string | undefined): boolean {
  const { text, finds } = vector
  const seen: string[] = []
  const guard = createStreamGuard({ ...optionsOf(vector, without), actionOf: ({ type, start, end }) => {
    seen.push(`${type} ${text.slice(start, end)}`)
    return 'mask'
  } })
  for (const character of text.split('')) guard.push(character)
  guard.end()
  return seen.join('\n') === finds.filter(([type]) => !type.startsWith('injection') && type !== 'hidden-text').map(([type, value]) => `${type} ${value}`).join('\n')
}
