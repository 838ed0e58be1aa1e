/** One measured value against its target. */
export interface Figure {
  readonly id: string
  readonly value: number
  readonly unit: string
  /** Such as `== 0` or `<= 5`; null where a value is told and not judged. */
  readonly target: string | null
  readonly ok: boolean
  /** What stands behind the value, in words that name it. */
  readonly samples: string
}

type Bound = { readonly equals: number } | { readonly atMost: number } | { readonly atLeast: number } | null

interface Measured {
  readonly id: string
  readonly value: number
  readonly unit: string
  readonly bound: Bound
  readonly samples: string
}

/** Judges a value. What is not a number never passes. */
export const figureOf = ({ bound, ...measured }: Measured): Figure => ({
  ...measured,
  value: Number.isFinite(measured.value) ? Math.round(measured.value * 1_000) / 1_000 : measured.value,
  target: bound === null ? null : 'equals' in bound ? `== ${bound.equals}` : 'atMost' in bound ? `<= ${bound.atMost}` : `>= ${bound.atLeast}`,
  ok: bound === null || ('equals' in bound ? measured.value === bound.equals : 'atMost' in bound ? measured.value <= bound.atMost : measured.value >= bound.atLeast),
})

/** What a fault run is asked for, and how it tells what it does. */
export interface FaultOptions {
  readonly rounds: number
  /** The same seed plays the same moments, as far as the machine keeps time. */
  readonly seed: number
  readonly note: (line: string) => void
}

/** One kind of fault: how many rounds it takes when nobody says, and what it found. */
export interface Fault {
  readonly title: string
  readonly rounds: number
  /** Why it cannot run on this machine; null when it can. */
  readonly hindrance: () => string | null
  readonly run: (options: FaultOptions) => Promise<readonly Figure[]>
}
