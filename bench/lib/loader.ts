import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type LoadOrder, LoadReport } from './load-protocol.ts'

export interface Loader {
  /** Throws when the generator died. Refused requests are in the report, not thrown. */
  run(order: LoadOrder): Promise<LoadReport>
  stop(): void
}

/** Starts the load generator as a process of its own. */
export const startLoader = (): Loader => {
  const child = fork(fileURLToPath(new URL('../load.ts', import.meta.url)), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return {
    stop: () => { child.disconnect() },
    run: async order => {
      const over = new AbortController()
      child.send(order)
      try {
        const [message]: unknown[] = await Promise.race([
          once(child, 'message', { signal: over.signal }),
          once(child, 'exit', { signal: over.signal }).then(() => { throw new Error('The load generator ended.') }),
        ])
        return LoadReport.parse(message)
      } finally {
        over.abort()
      }
    },
  }
}
