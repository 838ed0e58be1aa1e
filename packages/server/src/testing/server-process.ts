import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const PATIENCE_MILLISECONDS = 30_000

export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** What it has printed so far. */
  out(): string
  err(): string
  /** The address, once it is ready. Throws with what it printed when it ends before. */
  ready(): Promise<string>
  /** Its exit status. */
  ended(): Promise<number | null>
}

/** Starts the server as people do, in a process of its own with nothing of this one's environment. Ended when disposed of. */
export function startServerProcess(environment: Readonly<Record<string, string>>, flags: readonly string[] = []): ServerProcess {
  const child = spawn(process.execPath, [MAIN, ...flags], { env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString('utf8') })
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString('utf8') })
  const exit = new Promise<number | null>((resolve) => { child.once('close', resolve) })
  const kill = setTimeout(() => { child.kill('SIGKILL') }, PATIENCE_MILLISECONDS * 3)
  kill.unref()
  return {
    child, out: () => out, err: () => err, ended: () => exit,
    async ready() {
      const deadline = AbortSignal.timeout(PATIENCE_MILLISECONDS)
      for (;;) {
        const url = /is ready at (http:\/\/\S+)/.exec(out)?.[1]
        if (url !== undefined) return url
        if (child.exitCode !== null) throw new Error(`The server ended: ${err}`)
        await Promise.race([once(child.stdout, 'data', { signal: deadline }), exit])
      }
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(kill)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exit
    },
  }
}
