import { featureCount } from './features.ts'
import type { Weights } from './model.ts'

/** The model as it is committed: levels from -40 to 40 in printable characters, runs of nothing as `}N;`. */
export interface WrittenWeights {
  readonly bias: number
  /** The largest weight. */
  readonly scale: number
  readonly table: string
  /** Scores from which a text is flagged, challenged and blocked. */
  readonly thresholds: { readonly hint: number; readonly likely: number; readonly certain: number }
}

const levels = 40
const middle = 80
const backslash = 92
const stand = 123

/** Writes weights down, rounded to eighty-one levels. */
export function writeWeights(weights: Weights): Pick<WrittenWeights, 'bias' | 'scale' | 'table'> {
  let largest = 0
  for (const weight of weights.table) largest = Math.max(largest, Math.abs(weight))
  const scale = Number(largest.toPrecision(6))
  let table = ''
  let nothing = 0
  for (let feature = 0; feature <= featureCount; feature += 1) {
    const level = feature === featureCount || scale === 0 ? 0 : Math.round(((weights.table[feature] ?? 0) / scale) * levels)
    if (level === 0 && feature < featureCount) {
      nothing += 1
      continue
    }
    if (nothing > 0) table += `}${nothing};`
    nothing = 0
    const code = middle + Math.max(-levels, Math.min(levels, level))
    if (feature < featureCount) table += String.fromCharCode(code === backslash ? stand : code)
  }
  return { bias: Number(weights.bias.toPrecision(6)), scale, table }
}

/** Reads what `writeWeights` wrote, in about a millisecond. */
export function readWeights(written: Pick<WrittenWeights, 'bias' | 'scale' | 'table'>): Weights {
  const table = new Float32Array(featureCount)
  let feature = 0
  for (let index = 0; index < written.table.length; index += 1) {
    const code = written.table.charCodeAt(index)
    if (code === 125) {
      const end = written.table.indexOf(';', index)
      feature += Number(written.table.slice(index + 1, end))
      index = end
      continue
    }
    const level = (code === stand ? backslash : code) - middle
    table[feature] = (level / levels) * written.scale
    feature += 1
  }
  return { table, bias: written.bias }
}
