import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { startRig } from './lib/rig.ts'
import { open, textOf, type Remote } from './lib/wire.ts'

const CONNECTIONS = 1_000
const CLIENTS = 10
const PASSES = 3
const SECONDS = 6
const DRIP_MILLISECONDS = 1_000
const HEAD = 'Host: 127.0.0.1:PORT\r\n'

/** What a slow client sends at first, and what it adds from time to time; null: it asks, and reads nothing of the answers. */
const kinds: readonly { readonly first: string; readonly drip: string | null }[] = [
  { first: `GET /healthz HTTP/1.1\r\n${HEAD}`, drip: 'X-A: b\r\n' },
  { first: `POST /api/v1/session HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"email":"`, drip: 'x' },
  // Cheap to answer, so that what is measured is the reading.
  { first: `GET /api/v1/models HTTP/1.1\r\n${HEAD}Authorization: Bearer KEY\r\n\r\n`.repeat(10), drip: null },
]

/** Servers that let one address have every connection there is. They must be found out. */
export const openToOne: readonly Patch[] = [{ file: 'edge/limit-connections.ts', from: 'if (beside >= perAddress)', to: 'if (beside < 0)' }]
/** A server with few connections, and attackers each third of whom, by itself, wants more than all of them. */
export const fewConnections = { connections: 900, seconds: 2, flags: { 'http.connections': '200', 'http.connectionsPerAddress': '100' } } as const

/** Opens slow connections, and opens each anew that the server ends. They come from an address of their own. Gives what ends them all. */
function attack({ port, key }: Remote, connections: number): { readonly ended: () => number; stop(): void } {
  const sockets = new Set<Socket>()
  let isOver = false
  let ended = 0
  const begin = (index: number): void => {
    if (isOver) return
    const kind = kinds[index % kinds.length] ?? { first: '', drip: '' }
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (kind.drip === null) socket.pause()
    else socket.resume()
    socket.write(kind.first.replaceAll('PORT', String(port)).replaceAll('KEY', key))
    const timer = kind.drip === null ? null : setInterval(() => { if (socket.writable) socket.write(kind.drip ?? '') }, DRIP_MILLISECONDS)
    socket.once('close', () => {
      if (timer !== null) clearInterval(timer)
      sockets.delete(socket)
      ended += 1
      setTimeout(begin, DRIP_MILLISECONDS, index)
    })
  }
  for (let index = 0; index < connections; index += 1) begin(index)
  return { ended: () => ended, stop() { isOver = true; for (const socket of sockets) socket.destroy() } }
}

const quantile = (values: readonly number[], share: number) => values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN

export interface Beside { readonly alone: number[]; readonly beside: number[]; failed: number; ended: number }

/** Lets others ask, with and without slow connections beside them. Each request opens a connection, for an open one would get past a full house. */
export async function askBesideSlow({ note }: Pick<FaultOptions, 'note'>, { rounds = 1, connections = CONNECTIONS, seconds = SECONDS, flags = {}, patches = [] }: { readonly rounds?: number; readonly connections?: number; readonly seconds?: number; readonly flags?: Readonly<Record<string, string>>; readonly patches?: readonly Patch[] } = {}): Promise<Beside> {
  await using rig = await startRig({ flags: { 'limits.rates': '{"read":100000}', ...flags }, patches })
  const found: Beside = { alone: [], beside: [], failed: 0, ended: 0 }
  const measure = async (times: number[]): Promise<void> => {
    const until = performance.now() + seconds * 1_000
    await Promise.all(Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < until) {
        const began = performance.now()
        const response = await open(rig.remote(), 'GET /api/v1/models', { headers: { connection: 'close' } }).catch(() => null)
        if (response !== null) await textOf(response)
        if (response?.statusCode === 200) times.push(performance.now() - began)
        else found.failed += 1
        await wait(10)
      }
    }))
  }
  for (let pass = 0; pass < rounds; pass += 1) {
    await measure(found.alone)
    const attackers = attack(rig.remote(), connections)
    // The slow ones are all there, and what they asked for is written as far as it goes.
    await wait(4_000)
    await measure(found.beside)
    found.ended += attackers.ended()
    attackers.stop()
    note(`pass ${pass + 1}: p99 ${quantile(found.alone, 0.99).toFixed(1)} ms alone, ${quantile(found.beside, 0.99).toFixed(1)} ms beside`)
    await wait(1_000)
  }
  return found
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const { alone, beside, failed, ended } = await askBesideSlow(options, { rounds: options.rounds })
  const samples = `${beside.length} answers beside ${CONNECTIONS} slow connections, ${alone.length} without them`
  return [
    figureOf({ id: 'R8.p99', value: quantile(beside, 0.99) / quantile(alone, 0.99), unit: 'x', bound: { atMost: 2 }, samples: `${samples}; ${quantile(beside, 0.99).toFixed(1)} ms against ${quantile(alone, 0.99).toFixed(1)} ms` }),
    figureOf({ id: 'R8.failed', value: failed, unit: 'requests of others that failed', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R8.ended', value: ended, unit: 'slow connections that the server ended', bound: null, samples: 'a third drips its headers, a third its body, a third reads nothing' }),
  ]
}

export const slowClients: Fault = { title: '1,000 clients that drip or do not read', rounds: PASSES, hindrance: () => null, run }
