import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { callFor } from '../lib/call.ts'
import { versionOf } from '../lib/machine.ts'
import type { Peer, Surroundings } from '../lib/peer.ts'
import { type Running, start } from '../lib/process.ts'
import { modelNames } from '../upstream.ts'

export const serverFile = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))

export interface SallyportOptions {
  /** Further arguments of Node, such as `--cpu-prof` or the negative control. */
  readonly nodeArgs?: readonly string[]
}

/** The slowed build: the same server with the negative control loaded into it. */
export const slowedBuild: SallyportOptions = { nodeArgs: ['--import', new URL('slow-build.ts', import.meta.url).href] }

/**
 * What lets a bench send more than a person would. Every limit stays on and is counted; policy's own ranges bound these values.
 */
const roomForTheBench = {
  SALLYPORT_LIMITS_RATES: '{"turn-by-address":10000000,"turn-by-key":100000000}',
  SALLYPORT_LOAD_LOOP_DELAY_MILLISECONDS: '600000', SALLYPORT_LIMITS_TURNS_PER_MINUTE: '1000000', SALLYPORT_LIMITS_CONCURRENT_TURNS: '1000', SALLYPORT_LIMITS_REQUESTS_PER_MINUTE: '10000000',
}

/** The environment of a server whose state lies in a folder of the bench's own. */
export const stateIn = (folder: string): Readonly<Record<string, string>> => {
  for (const name of ['data', 'config']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
  return { XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') }
}

/** Starts the real server process on a free port with a state of its own; resolves when it has printed where it listens. */
export const startServer = async (folder: string, options: SallyportOptions = {}): Promise<{ readonly running: Running; readonly port: number; readonly setupToken: string }> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const running = start({
    command: process.execPath, args: [...(options.nodeArgs ?? []), serverFile], log: join(folder, 'server.log'),
    environment: { ...stateIn(folder), ...roomForTheBench, SALLYPORT_HTTP_PORT: '0' },
  })
  const [, port, setupToken = ''] = await running.printed(/http:\/\/127\.0\.0\.1:(\d+)\/setup#([\w-]{43})/, 60)
  return { running, port: Number(port), setupToken }
}

const NewKey = z.object({ value: z.string() })
const Models = z.object({ data: z.array(z.object({ id: z.string() })) })

/** Sets the server up as its owner would: the printed link, an API key, a provider. Gives the key and the models' names. */
const setUp = async (port: number, { upstreamPort, setupToken }: { readonly upstreamPort: number; readonly setupToken: string }) => {
  const origin = { origin: `http://127.0.0.1:${port}` }
  const { cookies } = await callFor(port, { method: 'POST', path: '/api/v1/setup', headers: origin, body: { token: setupToken, email: 'owner@example.org', name: 'Owner', password: 'a long enough passphrase of words' } }, z.unknown())
  const cookie = cookies.map(each => each.split(';', 1)[0]).join('; ')
  const { value: key } = await callFor(port, { method: 'POST', path: '/api/v1/keys', headers: { ...origin, cookie }, body: { name: 'bench' } }, NewKey)
  await callFor(port, {
    method: 'PUT', path: '/api/v1/providers/bench', headers: { ...origin, cookie },
    body: { adapter: 'openai-compatible', baseUrl: `http://127.0.0.1:${upstreamPort}/v1`, credential: 'sk-bench-upstream', allowPrivateAddress: true, models: modelNames },
  }, z.unknown())
  const authorization = `Bearer ${key.value}`
  const { value: models } = await callFor(port, { method: 'GET', path: '/v1/models', headers: { authorization } }, Models)
  return { authorization, names: models.data.map(model => model.id) }
}

/** Sallyport with every control on, in front of the fake upstream. */
export const startSallyport = async ({ folder, upstreamPort }: Surroundings, options: SallyportOptions = {}): Promise<Peer> => {
  const { running, port, setupToken } = await startServer(join(folder, 'sallyport'), options)
  const { authorization, names } = await setUp(port, { upstreamPort, setupToken })
  return {
    name: 'sallyport', version: versionOf('@sallyport/server'), pid: running.pid, port, headers: { authorization },
    model: name => {
      const found = names.find(each => each === name || each.endsWith(`/${name}`) || each.endsWith(`:${name}`))
      if (found === undefined) throw new Error(`Sallyport offers no model ${name}, only ${names.join(', ')}.`)
      return found
    },
    output: running.output, stop: () => running.stop(20),
  }
}
