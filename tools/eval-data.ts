import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export interface PromptRow {
  readonly id: string
  readonly text: string
  readonly label: 'injection' | 'benign'
  readonly kind: string
  readonly source: string
  readonly explicit?: boolean
  readonly cluster?: string
  readonly transform?: string
  readonly base_id?: string
  readonly lang?: string
  readonly licence?: string
  readonly quotes_attack?: boolean
}

export interface Span {
  readonly start: number
  readonly end: number
  readonly type: string
}

export interface PersonalRow {
  readonly text: string
  readonly spans: readonly Span[]
  readonly kind: string
  readonly source: string
  readonly ambiguous?: boolean
}

export interface SecretRow {
  readonly text: string
  readonly label: 'secret' | 'clean' | 'near_miss'
  readonly spans: readonly Span[]
  readonly source: string
  readonly variant?: string
  readonly weak?: boolean
}

/** The rows of `NAME.jsonl` or `NAME.jsonl.gz` in a folder; none when there is no such file. The folder is the operator's own, so its rows are taken at their word. */
export function readRows<Row>(folder: string, name: string): Row[] {
  const plain = join(folder, `${name}.jsonl`)
  const text = existsSync(plain) ? readFileSync(plain, 'utf8') : existsSync(`${plain}.gz`) ? gunzipSync(readFileSync(`${plain}.gz`)).toString('utf8') : ''
  return text.split('\n').filter((line) => line.trim() !== '').map((line): Row => JSON.parse(line))
}
