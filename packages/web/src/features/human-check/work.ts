import type { ProofOfWorkChallenge, ProofOfWorkSolution } from '@sallyport/contract'
import { trustedScript } from '../../wire/trusted-scripts.ts'
// oxlint-disable-next-line import/default -- the file's own exports say nothing here: vite gives the address of what it makes of it
import solverAddress from './solver.ts?worker&url'
import type { SolverMessage, SolverTask } from './solver.ts'

const MOST_WORKERS = 4
/** One core is left to the page. */
const workersHere = (): number => Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1))

interface Solving { readonly onShare: (share: number) => void; readonly signal: AbortSignal }

/** Finds the solution in workers, so that the page stays quick, and gives it as it goes into the header. Null when `signal` aborts; throws where a worker cannot run. */
export async function solveByWork(challenge: ProofOfWorkChallenge, { onShare, signal }: Solving): Promise<string | null> {
  const count = workersHere()
  const tries = Array.from({ length: count }, () => 0)
  const address = trustedScript(new URL(solverAddress, location.href).href)
  const workers = tries.map(() => new Worker(address))
  try {
    const solution = await new Promise<ProofOfWorkSolution['solution'] | null>((resolve, reject) => {
      signal.addEventListener('abort', () => { resolve(null) }, { once: true })
      for (const [index, worker] of workers.entries()) {
        worker.addEventListener('error', () => { reject(new Error('The worker could not run.')) })
        worker.addEventListener('message', ({ data }: MessageEvent<SolverMessage>) => {
          if (data.kind === 'solved') resolve(data.solution)
          else if (data.kind === 'failed') reject(new Error('The challenge could not be solved.'))
          else {
            tries[index] = data.tries
            onShare(Math.min(1, tries.reduce((sum, each) => sum + each, 0) / challenge.parameters.data.counters))
          }
        })
        worker.postMessage({ challenge, from: index, step: count } satisfies SolverTask)
      }
    })
    return solution === null ? null : btoa(JSON.stringify({ challenge, solution } satisfies ProofOfWorkSolution))
  } finally {
    for (const worker of workers) worker.terminate()
  }
}
