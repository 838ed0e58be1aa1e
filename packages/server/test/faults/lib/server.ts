import { join } from 'node:path'
import { PATCHED_SOURCE, type Patch } from './patches.ts'
import { start, until, type Ended } from './process.ts'

const MAIN = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts')
const START_SECONDS = 60

export interface ServerOptions {
  /** Holds everything that the server keeps: `data/` and `config/`. */
  readonly directory: string
  readonly flags?: Readonly<Record<string, string>>
  readonly patches?: readonly Patch[]
  /** A program and its arguments before `node`, such as strace. It must become the server's parent and hand signals on, or run beside it. */
  readonly under?: readonly string[]
}

/** A server that answers. */
export interface ServerProcess {
  readonly pid: number
  readonly port: number
  readonly socketPath: string
  /** Null once there is an owner. */
  readonly setupToken: string | null
  readonly ended: Promise<Ended>
  isOver(): boolean
  output(): string
  kill(): Promise<void>
  /** Asks it to stop, and waits. */
  stop(): Promise<Ended & { readonly seconds: number }>
}

/** Where a server finds its places, and nothing else of ours. */
export const environmentOf = (directory: string): Readonly<Record<string, string>> =>
  ({ HOME: directory, XDG_DATA_HOME: join(directory, 'data'), XDG_CONFIG_HOME: join(directory, 'config') })

/** Starts the real server as a process of its own. Nobody has waited for it yet. */
export function launchServer({ directory, flags = {}, patches = [], under = [] }: ServerOptions) {
  const [command, ...before] = [...under, process.execPath]
  if (command === undefined) throw new Error('There is no program to start.')
  const words = Object.entries({ 'http.port': '0', ...flags }).flatMap(([name, value]) => [`--${name}`, value])
  return start({
    command, args: [...before, ...(patches.length > 0 ? ['--import', PATCHED_SOURCE] : []), MAIN, ...words],
    environment: { ...environmentOf(directory), ...(patches.length > 0 && { SALLYPORT_TEST_PATCHES: JSON.stringify(patches) }) },
  })
}

/** Starts the real server, and waits until it says where it is. Throws with what it said when it ends before. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const running = launchServer(options)
  const readyLine = () => /ready at http:\/\/[^:]+:(\d+)\n/.exec(running.output())
  await until('the server was ready', () => {
    if (running.isOver()) throw new Error(`The server did not start: ${running.output()}`)
    return readyLine() !== null
  }, START_SECONDS)
  return {
    ...running, port: Number(readyLine()?.[1]), socketPath: join(options.directory, 'data', 'sallyport', 'run', 'admin.sock'),
    setupToken: /\/setup#([\w-]{43})/.exec(running.output())?.[1] ?? null,
    async stop() {
      const began = performance.now()
      running.signal('SIGTERM')
      return { ...await running.ended, seconds: (performance.now() - began) / 1_000 }
    },
  }
}
