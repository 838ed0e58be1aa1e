import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PATCHED_SOURCE, type Patch } from '../../packages/server/test/faults/lib/patches.ts'

export interface RunningServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** The one-time link as it was printed. */
  readonly setUpLink: string
  /** What it wrote to standard output and standard error so far. */
  readonly output: () => string
  /** Hands it a signal, for what a patch listens to. */
  readonly signal: (name: NodeJS.Signals) => void
  /** The directory that holds its data directory, `sallyport`, and its backups, `sallyport-backups`. */
  readonly data: string
  readonly stop: () => Promise<void>
}

const main = join(import.meta.dirname, '..', '..', 'packages', 'server', 'src', 'main.ts')
const startMilliseconds = 30_000

/** Starts the real server on a free port, with state of its own that is gone when it stops. Throws with its output when it does not come up. */
export async function startServer(flags: readonly string[] = [], patches: readonly Patch[] = []): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-journey-'))
  const child = spawn(process.execPath, [...(patches.length > 0 ? ['--import', PATCHED_SOURCE] : []), main, '--http.port', '0', ...flags], {
    env: {
      PATH: process.env['PATH'] ?? '', HOME: directory, XDG_DATA_HOME: join(directory, 'data'), XDG_CONFIG_HOME: join(directory, 'config'),
      ...(process.env['NODE_COMPILE_CACHE'] !== undefined && { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
      ...(patches.length > 0 && { SALLYPORT_TEST_PATCHES: JSON.stringify(patches) }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const closed = new Promise<void>((resolve) => { child.once('close', () => { resolve() }) })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await closed
    clearTimeout(late)
    rmSync(directory, { recursive: true, force: true })
  }
  const link = await new Promise<URL>((resolve, reject) => {
    const fail = (why: string): void => { reject(new Error(`The server ${why}:\n${output}`)) }
    const late = setTimeout(() => { fail('did not start in time') }, startMilliseconds)
    child.once('close', () => { fail('ended') })
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      const printed = /(http:\/\/\S+\/setup#[\w-]+)\s/.exec(output)?.[1]
      if (printed === undefined) return
      clearTimeout(late)
      resolve(new URL(printed))
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
  }).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { url: link.origin, setUpLink: link.href, output: () => output, signal: (name) => { child.kill(name) }, data: join(directory, 'data'), stop }
}
