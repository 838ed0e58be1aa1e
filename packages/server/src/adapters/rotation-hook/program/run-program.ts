import { spawn, type ChildProcess } from 'node:child_process'

export interface ProgramRules { readonly environment: Readonly<Record<string, string>>; readonly milliseconds: number; readonly outputBytes: number; readonly signal: AbortSignal }
/** `failed`: its status is not 0, or it was ended; `too-much`: it printed more than it may. */
export type ProgramEnd = { readonly end: 'done'; readonly output: Buffer } | { readonly end: 'not-started' | 'timed-out' | 'failed' | 'too-much' }

/**
 * Runs a program without a shell, with that environment alone, in a group of its own, which ends with it: whatever it started and left behind is killed.
 * Gives what it printed. Never throws.
 */
export const runProgram = (program: string, given: readonly string[], rules: ProgramRules): Promise<ProgramEnd> =>
  // Where there are no processes or pipes left, beginning one throws.
  run(program, given, rules).catch((): ProgramEnd => ({ end: 'not-started' }))

function run(program: string, given: readonly string[], { environment, milliseconds, outputBytes, signal }: ProgramRules): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = spawn(program, given, { env: environment, cwd: '/', shell: false, detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    const chunks: Buffer[] = []
    const state: { end: Exclude<ProgramEnd['end'], 'done'> | null; bytes: number } = { end: null, bytes: 0 }
    const stop = (end: Exclude<ProgramEnd['end'], 'done'>) => {
      state.end ??= end
      killGroup(child)
      // Who left the group may hold the pipe open for as long as it likes.
      child.stdout.destroy()
    }
    const late = setTimeout(() => { stop('timed-out') }, milliseconds)
    const onAbort = () => { stop('failed') }
    signal.addEventListener('abort', onAbort)
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      state.bytes += chunk.byteLength
      if (state.bytes > outputBytes) stop('too-much')
    })
    child.stdout.on('error', () => { state.end ??= 'failed' })
    child.once('error', () => { state.end ??= 'not-started'; end() })
    child.once('exit', (status) => {
      if (status !== 0) state.end ??= 'failed'
      killGroup(child)
    })
    const end = () => {
      clearTimeout(late)
      signal.removeEventListener('abort', onAbort)
      const output = Buffer.concat(chunks)
      for (const chunk of chunks) chunk.fill(0)
      if (state.end === null) { resolve({ end: 'done', output }); return }
      output.fill(0)
      resolve({ end: state.end })
    }
    child.once('close', end)
    if (signal.aborted) onAbort()
  })
}

/** Ends a program and all that it started and that stayed in its group. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left.
  }
}
