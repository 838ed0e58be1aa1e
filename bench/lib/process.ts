import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface Running {
  readonly pid: number
  /** Everything that it has printed so far, both outputs together. */
  output(): string
  /** Resolves with the first match of its output; throws when it ends first, or after the seconds given. */
  printed(pattern: RegExp, seconds: number): Promise<RegExpExecArray>
  ended(): boolean
  /** Asks it to end, and kills it after the seconds given (5 unless told). */
  stop(graceSeconds?: number): Promise<void>
}

interface Start {
  readonly command: string
  readonly args: readonly string[]
  /** A file that takes its output: cheaper for the measured process than a pipe that somebody must read. */
  readonly log: string
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts a process of the bench's own. It never outlives the bench. */
export const start = ({ command, args, log, cwd, environment }: Start): Running => {
  const file = openSync(log, 'w', 0o600)
  const child = spawn(command, args, { stdio: ['ignore', file, file], cwd, env: { ...process.env, ...environment } })
  closeSync(file)
  const kill = (): void => { child.kill('SIGKILL') }
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  const output = (): string => readFileSync(log, 'utf8')
  return { pid: pidOf(child), output, ended, printed: (pattern, seconds) => waitForOutput({ output, ended }, pattern, seconds), stop: seconds => stop(child, seconds ?? 5) }
}

const pidOf = (child: ChildProcess): number => {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} did not start.`)
  return child.pid
}

const waitForOutput = async (running: Pick<Running, 'output' | 'ended'>, pattern: RegExp, seconds: number): Promise<RegExpExecArray> => {
  const deadline = performance.now() + seconds * 1_000
  for (;;) {
    const over = running.ended() || performance.now() > deadline
    const match = pattern.exec(running.output())
    if (match !== null) return match
    if (over) throw new Error(`Nothing that matches ${pattern} was printed. The output was:\n${running.output().slice(-2_000)}`)
    await wait(10)
  }
}

const stop = async (child: ChildProcess, graceSeconds: number): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1_000)
  await gone
  clearTimeout(timer)
}

/** Nanoseconds that a process and all its threads have spent on a processor. Linux only: /proc. */
export const processorNanoseconds = (pid: number): number => {
  // The scheduler's own count is exact; utime + stime come in steps of 10 ms, but hold the threads that ended, too.
  const threads = readdirSync(`/proc/${pid}/task`).map(thread => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
  const exact = threads.reduce((sum, each) => sum + each, 0)
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  const ticks = (Number(fields[11]) + Number(fields[12])) * 10_000_000
  return ticks - exact > 50_000_000 ? ticks : exact
}

/** Resident bytes of a process. */
export const residentBytes = (pid: number): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024

/** A loopback port that was free a moment ago, for programs that cannot choose one themselves. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  const port = await new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    resolve(typeof address === 'object' && address !== null ? address.port : 0)
  }))
  await new Promise<void>(resolve => server.close(() => resolve()))
  return port
}

const connects = (port: number): Promise<boolean> => new Promise(resolve => {
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => { socket.destroy(); resolve(true) })
  socket.once('error', () => resolve(false))
})

/** Resolves at the first connection that a port takes; tries every two milliseconds. */
export const listening = async (port: number, running: Pick<Running, 'ended' | 'output'>, seconds = 30): Promise<void> => {
  const deadline = performance.now() + seconds * 1_000
  while (!(await connects(port))) {
    if (running.ended() || performance.now() > deadline) throw new Error(`Nothing listens on ${port}. The output was:\n${running.output().slice(-2_000)}`)
    await wait(2)
  }
}
