import { wordsBefore } from '../core/detector.ts'
import { compactOf, numberDetector } from '../core/written-numbers.ts'
import { lastWordBefore } from '../core/words-near.ts'
import { type NationalId, nationalIds } from './national-ids.ts'

interface Rows {
  readonly all: readonly NationalId[]
  /** Those that need no word before them. */
  readonly alone: readonly NationalId[]
}

const byShape = new Map<string, Rows>()
for (const id of nationalIds) {
  for (const shape of id.shapes) {
    const { all, alone } = byShape.get(shape) ?? { all: [], alone: [] }
    byShape.set(shape, { all: [...all, id], alone: id.alone?.includes(shape) === true ? [...alone, id] : alone })
  }
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
    const isAnnounced = lastWordBefore(text, start, reach) >= 0
    if (rows === undefined || (!isAnnounced && rows.alone.length === 0)) return null
    const compact = compactOf(text, number)
    const before = isAnnounced ? wordsBefore(text, start, reach) : ''
    const named = isAnnounced ? rows.all.find((row) => row.announced.test(before) && row.passes(compact)) : undefined
    const row = named ?? rows.alone.find((alone) => alone.passes(compact))
    return row === undefined ? null : { confidence: named === undefined ? 0.8 : 0.96, reason: `${row.country} ${row.name}${named === undefined ? ', form and checksum' : ', announced'}` }
  },
})
