import { useCallback, useEffect, useState } from 'react'
import { isAbort, problemOf, type PageProblem } from '../wire/problem.ts'

export interface Loaded<Value> {
  readonly value: Value | null
  readonly problem: PageProblem | null
  readonly reload: () => void
}

/** Loads something when the component appears, and again at `reload`. `load` must stay the same function between renders. */
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [value, setValue] = useState<Value | null>(null)
  const [problem, setProblem] = useState<PageProblem | null>(null)
  const [round, setRound] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    load(controller.signal).then((loaded) => {
      if (controller.signal.aborted) return
      setValue(loaded)
      setProblem(null)
    }, (error: unknown) => {
      if (!controller.signal.aborted && !isAbort(error)) setProblem(problemOf(error))
    })
    return () => controller.abort()
  }, [load, round])
  return { value, problem, reload: useCallback(() => setRound((count) => count + 1), []) }
}
