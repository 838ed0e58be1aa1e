/** Rows of a sparse matrix: the features of row `i` are `features[starts[i]]` up to `features[starts[i + 1]]`, all of the same value `values[i]`. */
export interface Rows {
  readonly starts: Int32Array
  readonly features: Int32Array
  readonly values: Float64Array
  readonly positive: Uint8Array
}

export interface Fit {
  /** The rows that count, and what each of them weighs. */
  readonly chosen: Int32Array
  readonly weights: Float64Array
  /** What a row's loss weighs against the size of the solution. */
  readonly trust: number
  readonly steps: number
}

const remembered = 8

/** A row's score; the bias stands last. */
export function scoreOfRow(rows: Rows, row: number, solution: Float64Array): number {
  let sum = 0
  const end = rows.starts[row + 1] ?? 0
  for (let index = rows.starts[row] ?? 0; index < end; index += 1) sum += solution[rows.features[index] ?? 0] ?? 0
  return sum * (rows.values[row] ?? 0) + (solution[solution.length - 1] ?? 0)
}

/** Logistic loss with a quadratic price on all but the bias, and its gradient. */
function lossAt(solution: Float64Array, gradient: Float64Array, { rows, chosen, weights, trust }: Fit & { readonly rows: Rows }): number {
  const bias = solution.length - 1
  let loss = 0
  for (let index = 0; index < bias; index += 1) {
    const weight = solution[index] ?? 0
    gradient[index] = weight
    loss += 0.5 * weight * weight
  }
  gradient[bias] = 0
  for (let place = 0; place < chosen.length; place += 1) {
    const row = chosen[place] ?? 0
    const sign = rows.positive[row] === 1 ? 1 : -1
    const margin = sign * scoreOfRow(rows, row, solution)
    const weight = trust * (weights[place] ?? 0)
    loss += weight * (margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin)
    const pull = (-sign * weight) / (1 + Math.exp(margin))
    const each = pull * (rows.values[row] ?? 0)
    const end = rows.starts[row + 1] ?? 0
    for (let index = rows.starts[row] ?? 0; index < end; index += 1) {
      const feature = rows.features[index] ?? 0
      gradient[feature] = (gradient[feature] ?? 0) + each
    }
    gradient[bias] = (gradient[bias] ?? 0) + pull
  }
  return loss
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0)
  return sum
}
const add = (to: Float64Array, from: Float64Array, times: number): void => {
  for (let index = 0; index < to.length; index += 1) to[index] = (to[index] ?? 0) + times * (from[index] ?? 0)
}

interface Pair {
  readonly step: Float64Array
  readonly change: Float64Array
  readonly share: number
}

/** The way down, by what the last few steps told about the curvature (Nocedal and Wright, Numerical Optimization, algorithm 7.4). */
function wayDown(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const way = new Float64Array(gradient)
  const shares: number[] = []
  for (const { step, change, share } of [...pairs].reverse()) {
    const part = share * dot(step, way)
    shares.unshift(part)
    add(way, change, -part)
  }
  const last = pairs.at(-1)
  if (last !== undefined) {
    const scale = 1 / (last.share * dot(last.change, last.change))
    for (let index = 0; index < way.length; index += 1) way[index] = (way[index] ?? 0) * scale
  }
  pairs.forEach(({ step, change, share }, place) => add(way, step, (shares[place] ?? 0) - share * dot(change, way)))
  return way
}

/** Logistic regression by L-BFGS from a starting point. The same input gives the same solution. */
export function fitRows(rows: Rows, start: Float64Array, fit: Fit): Float64Array<ArrayBuffer> {
  let solution = new Float64Array(start)
  let gradient = new Float64Array(start.length)
  const over = { ...fit, rows }
  let loss = lossAt(solution, gradient, over)
  const pairs: Pair[] = []
  for (let count = 0; count < fit.steps; count += 1) {
    const way = wayDown(gradient, pairs)
    const slope = dot(way, gradient)
    if (!(slope > 1e-9)) break
    let length = pairs.length === 0 ? 1 / Math.sqrt(slope) : 1
    let next = solution
    let nextGradient = gradient
    let nextLoss = Number.POSITIVE_INFINITY
    for (let tries = 0; tries < 20; tries += 1, length /= 2) {
      next = new Float64Array(solution)
      add(next, way, -length)
      nextGradient = new Float64Array(gradient.length)
      nextLoss = lossAt(next, nextGradient, over)
      if (nextLoss <= loss - 1e-4 * length * slope) break
    }
    if (!(nextLoss < loss)) break
    const step = new Float64Array(next)
    add(step, solution, -1)
    const change = new Float64Array(nextGradient)
    add(change, gradient, -1)
    const curvature = dot(step, change)
    if (curvature > 1e-10) pairs.push({ step, change, share: 1 / curvature })
    if (pairs.length > remembered) pairs.shift()
    const gained = loss - nextLoss
    solution = next
    gradient = nextGradient
    loss = nextLoss
    if (gained < 1e-6 * Math.abs(loss)) break
  }
  return solution
}
