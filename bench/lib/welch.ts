import { quantile } from './figure.ts'

/** The share of the slowest answers that is left out: what the machine did beside them hides small differences. */
const CROPPED = 0.1

/**
 * Welch's t between two lists of times, after everything above the common 90th percentile was left out, as dudect does (Reparaz, Balasch,
 * Verbauwhede: "Dude, is my code constant time?", 2017). NaN for lists that are too short to tell.
 */
export function croppedWelch(one: readonly number[], other: readonly number[]): number {
  const most = quantile([...one, ...other], 1 - CROPPED)
  return welch(one.filter((value) => value <= most), other.filter((value) => value <= most))
}

export function welch(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [momentsOf(one), momentsOf(other)]
  return (a.mean - b.mean) / Math.sqrt(a.variance / one.length + b.variance / other.length)
}

function momentsOf(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) }
}
