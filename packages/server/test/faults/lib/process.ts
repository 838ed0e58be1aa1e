import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a process ended. */
export interface Ended { readonly status: number | null; readonly signal: NodeJS.Signals | null }

/** A process of ours, with what it said so far. */
export interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  isOver(): boolean
  output(): string
  signal(name: NodeJS.Signals): void
  /** Ends it at once, as a power cut for this process alone would. */
  kill(): Promise<void>
}

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Whether standard error is kept with the output or thrown away. */
  readonly keepsErrors?: boolean
}

const alive = new Set<ChildProcess>()
process.prependOnceListener('exit', () => { for (const child of alive) child.kill('SIGKILL') })

/** Starts a process with an environment of its own: nothing of the caller's settings gets in. */
export function start({ command, args, environment = {}, keepsErrors = true }: Command): Running {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env
  const child = spawn(command, args, { env: { PATH, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }), ...environment }, stdio: ['ignore', 'pipe', keepsErrors ? 'pipe' : 'ignore'] })
  alive.add(child)
  let output = ''
  const keep = (chunk: Buffer) => { output += chunk.toString('utf8') }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  let isOver = false
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', (error) => { isOver = true; alive.delete(child); reject(error) })
    // `close` comes after the last word that it said was read.
    child.once('close', (status, signal) => { isOver = true; alive.delete(child); resolve({ status, signal }) })
  })
  ended.catch(() => null)
  return {
    pid: child.pid ?? 0, ended, isOver: () => isOver, output: () => output,
    signal: (name) => { child.kill(name) },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Waits until something holds. Throws with `what` when it does not within `seconds`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 30): Promise<number> {
  const began = performance.now()
  const limit = seconds * 1_000
  while (!(await holds())) {
    if (performance.now() - began > limit) throw new Error(`It took more than ${seconds} s until ${what}.`)
    await sleep(10)
  }
  return (performance.now() - began) / 1_000
}
