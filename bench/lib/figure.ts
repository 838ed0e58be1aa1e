/** One measured value against its target. `ok` is true where there is no target: such a figure is published, not judged. */
export interface Figure {
  readonly id: string
  readonly value: number
  readonly unit: string
  /** Such as `<= 5`; null where nothing is promised. */
  readonly target: string | null
  readonly ok: boolean
  /** How many observations stand behind the value, in words that name them. */
  readonly samples: string
  /** What ran beside it in the same run, in `unit` unless it says otherwise. */
  readonly baseline?: Readonly<Record<string, number>>
}

type Bound = { readonly atMost: number } | { readonly atLeast: number } | { readonly below: number } | null

interface Measured {
  readonly id: string
  readonly value: number
  readonly unit: string
  readonly bound: Bound
  readonly samples: string
  readonly baseline?: Readonly<Record<string, number>>
}

/** Judges a value against its bound. A value that is not a number never passes. */
export const figureOf = ({ bound, ...measured }: Measured): Figure => ({
  ...measured,
  value: round(measured.value),
  ...(measured.baseline === undefined ? {} : { baseline: Object.fromEntries(Object.entries(measured.baseline).map(([name, value]) => [name, round(value)])) }),
  target: bound === null ? null : 'atMost' in bound ? `<= ${bound.atMost}` : 'atLeast' in bound ? `>= ${bound.atLeast}` : `< ${bound.below}`,
  ok: bound === null ? true : 'atMost' in bound ? measured.value <= bound.atMost : 'atLeast' in bound ? measured.value >= bound.atLeast : measured.value < bound.below,
})

/** The middle of a list; NaN for an empty one, so that nothing measured is never a pass. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** The value below which a share of the list lies, by linear interpolation. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

const round = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(4)) : value)

/** A table for people: one line per figure. */
export const tableOf = (figures: readonly Figure[]): string => {
  const rows = figures.map(figure => [
    figure.ok ? (figure.target === null ? ' ' : 'ok') : 'MISS', figure.id, `${figure.value} ${figure.unit}`, figure.target ?? '',
    Object.entries(figure.baseline ?? {}).map(([name, value]) => `${name} ${value}`).join(', '), figure.samples,
  ])
  const all = [['', 'figure', 'value', 'target', 'beside it', 'samples'], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0))) ?? []
  return all.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}
