import type { Figure } from './figure.ts'

export interface BenchOptions {
  /** Runs a deliberately slowed build instead: its figures must fall short. */
  readonly negativeControl: boolean
  /** How many observations to take where a bench lets one choose; null for its own number. */
  readonly samples?: number | null
  /** Progress for people; never part of the result. */
  readonly note: (line: string) => void
}

/** One file of `bench/`: what it measures, and the measuring. Ends every process that it starts. */
export interface Bench {
  readonly title: string
  run(options: BenchOptions): Promise<readonly Figure[]>
}
