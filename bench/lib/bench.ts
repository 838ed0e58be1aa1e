import type { Figure } from './figure.ts'

export interface BenchOptions {
  /** Runs a deliberately slowed build instead: its figures must fall short. */
  readonly negativeControl: boolean
  /** Progress for people; never part of the result. */
  readonly note: (line: string) => void
}

/** One file of `bench/`: what it measures, and the measuring. Ends every process that it starts. */
export interface Bench {
  readonly title: string
  run(options: BenchOptions): Promise<readonly Figure[]>
}
