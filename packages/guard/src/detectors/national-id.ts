import { digit, letter } from '../core/characters.ts'
import { type Scan, type SpanDetector, wordsBefore } from '../core/detector.ts'
import { plantShapes, visitWrittenNumbers } from '../core/written-numbers.ts'
import { type NationalId, nationalIds } from './national-ids.ts'

const byShape = new Map<string, NationalId[]>()
for (const id of nationalIds) for (const shape of id.shapes) byShape.set(shape, [...(byShape.get(shape) ?? []), id])

const tree = plantShapes(byShape.keys())

/** A national identity, tax or social insurance number: the form and checksum of its country, and words that announce it where those prove too little. */
export const nationalId = {
  type: 'national-id',
  placeholder: 'NATIONAL_ID',
  longest: tree.longest + 1,
  requires: digit,
  triggers: digit | letter,
  scan: (scan: Scan): number =>
    visitWrittenNumbers(scan, tree, ({ start, end, shape, compact }) => {
      const rows = byShape.get(shape)
      if (rows === undefined) return false
      const before = wordsBefore(scan.text, start, 48)
      const named = rows.find((row) => row.announced.test(before) && row.passes(compact))
      const alone = named ?? rows.find((row) => row.alone?.includes(shape) === true && row.passes(compact))
      if (alone === undefined) return false
      scan.found({ start, end, confidence: named === undefined ? 0.8 : 0.96, reason: `${alone.country} ${alone.name}${named === undefined ? ', form and checksum' : ', announced'}` })
      return true
    }),
} as const satisfies SpanDetector
