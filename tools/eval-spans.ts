import { type DetectorType, inspect } from '../packages/guard/src/index.ts'
import type { PersonalRow, SecretRow } from './eval-data.ts'

/** The data's word for each of our types that it labels. */
export const personalTypes: Readonly<Record<string, readonly DetectorType[]>> = {
  EMAIL: ['email'],
  CREDIT_CARD: ['payment-card'],
  US_SSN: ['us-ssn'],
  IBAN: ['iban'],
  IP_ADDRESS: ['ip-address'],
  PHONE: ['phone'],
  DATE_OF_BIRTH: ['date-of-birth'],
}

/** The same for the recognisers, which are off unless they are asked for. */
export const recognisedTypes: Readonly<Record<string, readonly DetectorType[]>> = { PERSON: ['person'], ADDRESS: ['postal-address'] }

export const secretTypes: ReadonlySet<DetectorType> = new Set<DetectorType>(['private-key', 'provider-key', 'access-token', 'url-password', 'credential', 'loose-secret'])

export interface SpanScore {
  readonly truePositives: number
  readonly falsePositives: number
  readonly misses: number
  readonly precision: number
  readonly recall: number
  readonly f2: number
}

interface Looking {
  /** The types that count as the label. */
  readonly types: readonly DetectorType[]
  /** All that is looked for; another type may take a value's place. */
  readonly looked: ReadonlySet<DetectorType>
}

/** Scores one label: a span counts as found when a finding of its types covers at least half of their union. */
export function scoreSpans(rows: readonly PersonalRow[], label: string, { types, looked }: Looking): SpanScore & { examples: string[] } {
  let truePositives = 0
  let falsePositives = 0
  let misses = 0
  const examples: string[] = []
  for (const row of rows) {
    if (row.ambiguous === true) continue
    const wanted = row.spans.filter((span) => span.type === label)
    const found = inspect(row.text, { types: looked }).filter((finding) => types.includes(finding.type))
    const used = new Set<number>()
    for (const span of wanted) {
      const hit = found.findIndex((finding, index) => !used.has(index) && overlaps(finding, span))
      if (hit < 0) {
        misses += 1
        examples.push(`miss ${label} ${row.text.slice(Math.max(0, span.start - 30), span.end + 10)}`)
      } else {
        used.add(hit)
        truePositives += 1
      }
    }
    found.forEach((finding, index) => {
      if (used.has(index)) return
      falsePositives += 1
      examples.push(`false ${label} ${row.text.slice(Math.max(0, finding.start - 30), finding.start)}>>${row.text.slice(finding.start, finding.end)}<<`)
    })
  }
  const precision = truePositives / Math.max(1, truePositives + falsePositives)
  const recall = truePositives / Math.max(1, truePositives + misses)
  return { truePositives, falsePositives, misses, precision, recall, f2: (5 * precision * recall) / Math.max(1e-9, 4 * precision + recall), examples }
}

function overlaps(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  const common = Math.min(a.end, b.end) - Math.max(a.start, b.start)
  return common * 2 > Math.max(a.end, b.end) - Math.min(a.start, b.start)
}

/** Which rows of each label have a secret in them, by our lights. */
export function scoreSecrets(rows: readonly SecretRow[], looked: ReadonlySet<DetectorType>): { recall: number; secrets: number; falseRate: number; clean: number; missed: SecretRow[]; alarms: SecretRow[] } {
  const flagged = (row: SecretRow): boolean => inspect(row.text, { types: looked }).some((finding) => secretTypes.has(finding.type))
  const secrets = rows.filter((row) => row.label === 'secret' && row.weak !== true)
  const clean = rows.filter((row) => row.label === 'clean')
  const missed = secrets.filter((row) => !flagged(row))
  const alarms = clean.filter(flagged)
  return { recall: 1 - missed.length / Math.max(1, secrets.length), secrets: secrets.length, falseRate: alarms.length / Math.max(1, clean.length), clean: clean.length, missed, alarms }
}
