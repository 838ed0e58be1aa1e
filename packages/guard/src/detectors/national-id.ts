import { wordsBefore } from '../core/detector.ts'
import { compactOf, numberDetector } from '../core/written-numbers.ts'
import { type NationalId, nationalIds } from './national-ids.ts'

interface Rows {
  readonly all: readonly NationalId[]
  /** Those that need no word before them. */
  readonly alone: readonly NationalId[]
  /** The words that announce any of them, asked before those of each. */
  readonly announced: RegExp
}

const byShape = new Map<string, Rows>()
for (const shape of new Set(nationalIds.flatMap((id) => id.shapes))) {
  const rows = nationalIds.filter((id) => id.shapes.includes(shape))
  byShape.set(shape, { all: rows, alone: rows.filter((id) => id.alone?.includes(shape) === true), announced: new RegExp(rows.map((id) => id.announced.source).join('|')) })
}

const reach = 48

/** A national identity, tax or social insurance number: the form and checksum of its country, and words that announce it where those prove too little. */
export const nationalId = numberDetector({
  type: 'national-id',
  placeholder: 'NATIONAL_ID',
  shapes: byShape.keys(),
  judge(text, number) {
    const { start, shape } = number
    const rows = byShape.get(shape)
    const isAnnounced = number.word >= 0 && number.word >= start - reach
    if (rows === undefined || (!isAnnounced && rows.alone.length === 0)) return null
    const compact = compactOf(text, number)
    const before = isAnnounced ? wordsBefore(text, start, reach) : ''
    const named = isAnnounced && rows.announced.test(before) ? rows.all.find((row) => row.announced.test(before) && row.passes(compact)) : undefined
    const row = named ?? rows.alone.find((alone) => alone.passes(compact))
    return row === undefined ? null : { confidence: named === undefined ? 0.8 : 0.96, reason: `${row.country} ${row.name}${named === undefined ? ', form and checksum' : ', announced'}` }
  },
})
