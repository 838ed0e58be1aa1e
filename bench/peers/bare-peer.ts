import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { versionOf } from '../lib/machine.ts'
import type { Peer, Surroundings } from '../lib/peer.ts'
import { start } from '../lib/process.ts'

/** The floor: `bare.ts` as a process. `nodeArgs` may load a profiler into it. */
export const startBare = async ({ folder, upstreamPort }: Surroundings, nodeArgs: readonly string[] = []): Promise<Peer> => {
  const running = start({ command: process.execPath, args: [...nodeArgs, fileURLToPath(new URL('bare.ts', import.meta.url)), String(upstreamPort)], log: join(folder, 'bare.log') })
  const port = Number((await running.printed(/^listening (\d+)$/m, 15))[1])
  return { name: 'bare', version: `undici ${versionOf('undici')}`, pid: running.pid, port, headers: {}, model: name => name, output: running.output, stop: () => running.stop() }
}
