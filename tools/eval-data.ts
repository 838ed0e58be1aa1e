import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as z from 'zod'

const span = z.object({ start: z.number(), end: z.number(), type: z.string() })

/** A text that attacks a model's instructions, or does not. */
export const promptRow = z.object({
  id: z.string(),
  text: z.string(),
  label: z.enum(['injection', 'benign']),
  kind: z.string(),
  source: z.string(),
  explicit: z.boolean().optional(),
  cluster: z.union([z.string(), z.number()]).optional(),
  transform: z.string().optional(),
  base_id: z.string().optional(),
  lang: z.string().optional(),
  licence: z.string().optional(),
  quotes_attack: z.boolean().optional(),
})

/** A text with personal data in it. */
export const personalRow = z.object({
  text: z.string(),
  spans: z.array(span),
  kind: z.string(),
  source: z.string(),
  ambiguous: z.boolean().optional(),
})

/** A text with a secret in it, or with what looks like one. */
export const secretRow = z.object({
  text: z.string(),
  label: z.enum(['secret', 'clean', 'near_miss']),
  spans: z.array(span),
  source: z.string(),
  variant: z.string().optional(),
  weak: z.boolean().optional(),
})

export type Span = Readonly<z.infer<typeof span>>
export type PromptRow = Readonly<z.infer<typeof promptRow>>
export type PersonalRow = Readonly<z.infer<typeof personalRow>>
export type SecretRow = Readonly<z.infer<typeof secretRow>>

/** The rows of `NAME.jsonl` or `NAME.jsonl.gz` in a folder; none when there is no such file. Throws for a row that is not as the schema says. */
export function readRows<Row>(folder: string, name: string, row: z.ZodType<Row>): Row[] {
  const plain = join(folder, `${name}.jsonl`)
  const text = existsSync(plain) ? readFileSync(plain, 'utf8') : existsSync(`${plain}.gz`) ? gunzipSync(readFileSync(`${plain}.gz`)).toString('utf8') : ''
  return text.split('\n').filter((line) => line.trim() !== '').map((line) => row.parse(JSON.parse(line)))
}
