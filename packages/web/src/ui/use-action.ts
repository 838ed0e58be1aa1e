import { useState, type FormEvent } from 'react'
import { problemOf, type PageProblem } from '../wire/problem.ts'

export interface Action<Arguments extends readonly unknown[]> {
  readonly busy: boolean
  readonly problem: PageProblem | null
  readonly run: (...args: Arguments) => Promise<void>
  /** Runs it in the place of what the browser does when a form is sent. */
  readonly submit: (event: FormEvent, ...args: Arguments) => void
  readonly forget: () => void
}

/** Wraps a call so that its button knows when it runs and its form what went wrong. A second press while it runs does nothing. */
export function useAction<Arguments extends readonly unknown[]>(work: (...args: Arguments) => Promise<void>): Action<Arguments> {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<PageProblem | null>(null)
  const run = async (...args: Arguments): Promise<void> => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      await work(...args)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent, ...args: Arguments): void => {
    event.preventDefault()
    void run(...args)
  }
  return { busy, problem, run, submit, forget: () => setProblem(null) }
}
