import { createStore } from '../../app/store.ts'
import { PageProblem } from '../../wire/problem.ts'

export interface Asked { readonly proven: () => void; readonly given: (problem: PageProblem) => void; readonly problem: PageProblem }

/** Set while somebody is asked to prove once more who they are. */
export const askedStore = createStore<Asked | null>(null)

/**
 * Does what needs a fresh sign-in. Where the server says that the last proof is too old, the person is asked for one, and it is done again.
 * Throws what the work throws; the server's own refusal when the person closes the question.
 */
export async function withProof<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PageProblem) || error.code !== 'fresh-sign-in-needed') throw error
    await new Promise<void>((resolve, reject) => { askedStore.set({ proven: resolve, given: reject, problem: error }) })
    return work()
  }
}
