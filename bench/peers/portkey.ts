import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { versionOf } from '../lib/machine.ts'
import type { Peer, Surroundings } from '../lib/peer.ts'
import { freePort, listening, start } from '../lib/process.ts'

const home = new URL('../portkey/', import.meta.url)
const modules = new URL('node_modules/', home)

/** Installs the gateway from the bench's own lock file, unless it is there. Throws with npm's words when it cannot. */
const install = (note: (line: string) => void): void => {
  if (existsSync(new URL('@portkey-ai/gateway/package.json', modules))) return
  note('installing the Portkey gateway for the comparison')
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: fileURLToPath(home), encoding: 'utf8' })
  if (npm.status !== 0) throw new Error(`The Portkey gateway could not be installed: ${npm.stderr}`)
}

/** The Portkey gateway on this Node, without any of its guardrails, in front of the same upstream. */
export const startPortkey = async ({ folder, upstreamPort }: Surroundings, note: (line: string) => void): Promise<Peer> => {
  install(note)
  const port = await freePort()
  const running = start({
    command: process.execPath, log: join(folder, 'portkey.log'),
    args: [fileURLToPath(new URL('@portkey-ai/gateway/build/start-server.js', modules)), `--port=${port}`, '--headless'],
    environment: { NODE_ENV: 'production' },
  })
  await listening(port, running)
  return {
    name: 'portkey', version: versionOf('@portkey-ai/gateway', modules), pid: running.pid, port,
    headers: { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`, authorization: 'Bearer sk-bench-upstream' },
    model: name => name, output: running.output, stop: () => running.stop(),
  }
}
