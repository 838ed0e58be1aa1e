import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Found } from './needs.ts'
import { freePort } from './services.ts'

/** A Redis of a test's own, without files. It may be killed and started anew, at the same place and empty. */
export interface OwnRedis extends AsyncDisposable {
  readonly url: string
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it from answering, without closing its connections. */
  freeze(): void
  thaw(): void
}

/** Whether one can be started here. */
export const findRedis = (): Found => (spawnSync('redis-server', ['--version']).status === 0 ? { url: 'redis-server' } : { reason: 'redis-server is not installed' })

/** Starts one on a free port of loopback. */
export async function startRedis(): Promise<OwnRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-redis-'))
  const port = await freePort()
  const launch = () => spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory], { stdio: 'ignore' })
  let child = launch()
  const kill = () => new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) { resolve(); return }
    child.once('exit', () => { resolve() })
    child.kill('SIGKILL')
  })
  await answers(port)
  return {
    url: `redis://127.0.0.1:${port}`, kill,
    async start() {
      child = launch()
      await answers(port)
    },
    freeze() { child.kill('SIGSTOP') },
    thaw() { child.kill('SIGCONT') },
    async [Symbol.asyncDispose]() {
      await kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: '127.0.0.1' })
      socket.once('error', () => { resolve(false) })
      socket.once('data', () => { socket.destroy(); resolve(true) })
      socket.write('PING\r\n')
    })
    if (isThere) return
    await sleep(25)
  }
  throw new Error('redis-server did not start.')
}
