// Runs in a worker: tries every `step`-th counter until one fits. It stands alone, and its messages come from the page and nobody else.
import type { ProofOfWorkChallenge, ProofOfWorkSolution } from '@sallyport/contract'
import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'

export interface SolverTask { readonly challenge: ProofOfWorkChallenge; readonly from: number; readonly step: number }
export type SolverMessage =
  | { readonly kind: 'tried'; readonly tries: number }
  | { readonly kind: 'solved'; readonly solution: ProofOfWorkSolution['solution'] }
  | { readonly kind: 'failed' }

const TELL_EVERY = 50
const tell = (message: SolverMessage): void => { globalThis.postMessage(message) }

async function work({ challenge, from, step }: SolverTask): Promise<void> {
  let tries = 0
  try {
    const found = await solveChallenge({
      challenge, counterStart: from, counterStep: step, timeout: 0,
      deriveKey: (...given) => {
        tries += 1
        if (tries % TELL_EVERY === 0) tell({ kind: 'tried', tries })
        return deriveKey(...given)
      },
    })
    tell(found === null ? { kind: 'failed' } : { kind: 'solved', solution: { counter: found.counter, derivedKey: found.derivedKey } })
  } catch {
    tell({ kind: 'failed' })
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<SolverTask>) => { void work(data) })
