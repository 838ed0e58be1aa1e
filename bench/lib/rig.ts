import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Loader, startLoader } from './loader.ts'
import type { Surroundings } from './peer.ts'
import { start } from './process.ts'

interface Stoppable { stop(): Promise<void> | void }

/** What every bench stands on: a folder of its own, the fake upstream and the load generator, each a process of its own. */
export interface Rig extends Surroundings {
  readonly loader: Loader
  /** Has it stopped when the bench is over, however it ends. */
  own<Part extends Stoppable>(starting: Part | Promise<Part>): Promise<Part>
}

/** Sets the rig up, runs the work, and leaves no process and no file behind. */
export const withRig = async <Result>(work: (rig: Rig) => Promise<Result>): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  const owned: Stoppable[] = []
  const own: Rig['own'] = async starting => {
    const part = await starting
    owned.push(part)
    return part
  }
  try {
    const upstream = await own(start({ command: process.execPath, args: [fileURLToPath(new URL('../upstream.ts', import.meta.url))], log: join(folder, 'upstream.log') }))
    const upstreamPort = Number((await upstream.printed(/^listening (\d+)$/m, 15))[1])
    return await work({ folder, upstreamPort, own, loader: await own(startLoader()) })
  } finally {
    for (const part of owned.toReversed()) await part.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
