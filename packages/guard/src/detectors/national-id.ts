import { digit, letter } from '../core/characters.ts'
import { type Scan, type SpanDetector, wordsBefore } from '../core/detector.ts'
import { compactOf, plantShapes, visitWrittenNumbers } from '../core/written-numbers.ts'
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
const tree = plantShapes(byShape.keys())

/** A national identity, tax or social insurance number: the form and checksum of its country, and words that announce it where those prove too little. */
export const nationalId = {
  type: 'national-id',
  placeholder: 'NATIONAL_ID',
  longest: tree.longest + 1,
  requires: digit,
  triggers: digit | letter,
  scan: (scan: Scan): number =>
    visitWrittenNumbers(scan, tree, (number) => {
      const { start, end, shape } = number
      const rows = byShape.get(shape)
      const isAnnounced = lastWordBefore(scan.text, start, reach) >= 0
      if (rows === undefined || (!isAnnounced && rows.alone.length === 0)) return false
      const compact = compactOf(scan.text, number)
      const before = isAnnounced ? wordsBefore(scan.text, start, reach) : ''
      const named = isAnnounced ? rows.all.find((row) => row.announced.test(before) && row.passes(compact)) : undefined
      const alone = named ?? rows.alone.find((row) => row.passes(compact))
      if (alone === undefined) return false
      scan.found({ start, end, confidence: named === undefined ? 0.8 : 0.96, reason: `${alone.country} ${alone.name}${named === undefined ? ', form and checksum' : ', announced'}` })
      return true
    }),
} as const satisfies SpanDetector
