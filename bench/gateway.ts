/** P1 and P2: the gateway with every control on, against a bare proxy and the Portkey gateway, interleaved, over the same upstream. */
import { setTimeout as wait } from 'node:timers/promises'
import { answerOf } from './lib/answer.ts'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { figureOf, median, quantile, type Figure } from './lib/figure.ts'
import type { Loader } from './lib/loader.ts'
import type { LoadReport } from './lib/load-protocol.ts'
import type { Peer } from './lib/peer.ts'
import { processorNanoseconds } from './lib/process.ts'
import { targetFor } from './lib/request.ts'
import { withRig } from './lib/rig.ts'
import { startBare } from './peers/bare-peer.ts'
import { startPortkey } from './peers/portkey.ts'
import { slowedBuild, startSallyport } from './peers/sallyport.ts'
import { pieces } from './upstream.ts'

const clients = 16
const windowMilliseconds = 1_200
const rounds = 6
const paced = { clients: 64, perClient: 2 }
const pacedRounds = 3
const firstTextRounds = 90

interface Peers { readonly bare: Peer; readonly portkey: Peer; readonly subject: Peer }
interface Window { readonly requests: number; readonly microseconds: number; readonly perSecond: number; readonly milliseconds: readonly number[] }

const succeeded = (report: LoadReport, peer: Peer): LoadReport => {
  if (report.failures > 0) throw new Error(`${report.failures} of ${report.requests} requests through ${peer.name} failed: ${report.refusal}\n${peer.output().slice(-1_000)}`)
  return report
}

interface Load { readonly model: string; readonly streamed: boolean; readonly clients: number; readonly milliseconds: number; readonly perClient: number | null }

/** One peer under one load: its processor time per request, of all its threads, and what it got done. */
const measure = async (loader: Loader, peer: Peer, { model, ...load }: Load): Promise<Window> => {
  const before = processorNanoseconds(peer.pid)
  const report = succeeded(await loader.run({ kind: 'closed-loop', target: targetFor(peer, { model, stream: load.streamed }), ...load }), peer)
  // What a peer still does once the client has its answer is its cost, too.
  await wait(60)
  return {
    requests: report.requests, perSecond: report.requests / report.seconds, milliseconds: report.milliseconds,
    microseconds: (processorNanoseconds(peer.pid) - before) / 1_000 / report.requests,
  }
}

type Windows = Readonly<Record<keyof Peers, readonly Window[]>>

/** Rounds in turn (ABC, BCA, CAB …), so that whatever else the machine does falls on all alike. */
const interleave = async (peers: Peers, count: number, each: (peer: Peer) => Promise<Window>): Promise<Windows> => {
  const windows: Record<keyof Peers, Window[]> = { bare: [], portkey: [], subject: [] }
  const names = ['bare', 'portkey', 'subject'] as const
  for (let round = 0; round < count; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length]
      if (name !== undefined) windows[name].push(await each(peers[name]))
    }
  }
  return windows
}

const ratio = (over: readonly Window[], under: readonly Window[], of: (window: Window) => number): number =>
  median(over.map((window, round) => { const beside = under[round]; return beside === undefined ? Number.NaN : of(window) / of(beside) }))
const total = (windows: readonly Window[]): number => windows.reduce((sum, window) => sum + window.requests, 0)
const samplesOf = ({ bare, portkey, subject }: Windows): string => `${subject.length} rounds; ${total(subject)} requests, bare ${total(bare)}, portkey ${total(portkey)}`
const typical = (windows: readonly Window[], of: (window: Window) => number): number => median(windows.map(of))

interface Bounds { readonly id: 'P1' | 'P2'; readonly processorTime: number; readonly throughput: number }

const closedLoopFigures = (windows: Windows, { id, processorTime, throughput }: Bounds): readonly Figure[] => {
  const samples = samplesOf(windows)
  const { bare, portkey, subject } = windows
  const latency = (each: readonly Window[], share: number): number => quantile(each.flatMap(window => window.milliseconds), share)
  return [
    figureOf({
      id: `${id}.processor-time`, unit: '× bare', bound: { atMost: processorTime }, samples,
      value: ratio(subject, bare, window => window.microseconds), baseline: { portkey: ratio(portkey, bare, window => window.microseconds) },
    }),
    figureOf({
      id: `${id}.throughput`, unit: '× portkey', bound: { atLeast: throughput }, samples,
      value: ratio(subject, portkey, window => window.perSecond), baseline: { bare: ratio(bare, portkey, window => window.perSecond) },
    }),
    ...([['processor-microseconds', 'µs/request', window => window.microseconds], ['per-second', 'requests/s', window => window.perSecond]] as const satisfies readonly (readonly [string, string, (window: Window) => number])[])
      .map(([name, unit, of]) => figureOf({ id: `${id}.${name}`, unit, bound: null, samples, value: typical(subject, of), baseline: { bare: typical(bare, of), portkey: typical(portkey, of) } })),
    ...([['p50', 0.5], ['p99', 0.99]] as const)
      .map(([name, share]) => figureOf({ id: `${id}.latency-${name}`, unit: 'ms', bound: null, samples, value: latency(subject, share), baseline: { bare: latency(bare, share), portkey: latency(portkey, share) } })),
  ]
}

/** How long a single client waits for the first text, beyond what it waits through the bare proxy. */
const firstTextFigures = async (loader: Loader, peers: Peers): Promise<readonly Figure[]> => {
  const order = [peers.bare, peers.portkey, peers.subject]
  const figures: Figure[] = []
  for (const model of ['bench-burst', 'bench-paced']) {
    const report = await loader.run({ kind: 'first-text', targets: order.map(peer => targetFor(peer, { model, stream: true })), rounds: model === 'bench-burst' ? firstTextRounds : 5 })
    if (report.failures > 0) throw new Error(`${report.failures} of ${report.requests} streams failed: ${report.refusal}`)
    const [bare = [], portkey = [], subject = []] = report.firstText.map(times => times.slice(Math.min(10, times.length - 5)))
    figures.push(figureOf({
      id: model === 'bench-burst' ? 'P2.first-chunk' : 'P2.first-text-paced', unit: 'ms after bare', value: median(subject) - median(bare), samples: `${subject.length} streams each, one client`,
      bound: model === 'bench-burst' ? { atMost: 0.5 } : null, baseline: { portkey: median(portkey) - median(bare), 'bare itself': median(bare) },
    }))
  }
  return figures
}

/**
 * Processor time per chunk, as it would be on the reference machine: there the bare proxy takes 19 µs, and by how much it takes
 * longer here tells how slow, or how busy, this machine is.
 */
const pacedFigures = (windows: Windows): readonly Figure[] => {
  const perChunk = (each: readonly Window[]): number => typical(each, window => window.microseconds / pieces.length)
  const samples = `${windows.subject.length} rounds of ${paced.clients} clients; ${total(windows.subject) * pieces.length} chunks each`
  const [bare, portkey, subject] = [perChunk(windows.bare), perChunk(windows.portkey), perChunk(windows.subject)]
  return [
    figureOf({ id: 'P2.paced-chunk', unit: 'µs/chunk where bare is 19', bound: { atMost: 40 }, samples, value: ratio(windows.subject, windows.bare, window => window.microseconds) * 19, baseline: { portkey: portkey / bare * 19 } }),
    figureOf({ id: 'P2.paced-chunk-here', unit: 'µs/chunk', bound: null, samples, value: subject, baseline: { bare, portkey } }),
  ]
}

/** The share of answers that reach the caller exactly as through the bare proxy: text, tool calls, usage, finish. */
const equalityFigure = async ({ bare, subject }: Peers, note: BenchOptions['note']): Promise<Figure> => {
  const asks = ['bench-burst', 'bench-tools', 'bench-length'].flatMap(model => [{ model, stream: true }, { model, stream: false }])
  let equal = 0
  for (const ask of asks) {
    const [wanted, given] = [JSON.stringify(await answerOf(bare, ask)), JSON.stringify(await answerOf(subject, ask))]
    if (wanted === given) equal += 1
    else note(`${ask.model}${ask.stream ? ' streamed' : ''} differs:\n    bare    ${wanted}\n    subject ${given}`)
  }
  return figureOf({ id: 'P2.equality', value: equal / asks.length, unit: 'of answers', bound: { atLeast: 1 }, samples: `${asks.length} answers: prose, tool calls, cut off; streamed and whole` })
}

const figuresOf = async (loader: Loader, peers: Peers, note: BenchOptions['note']): Promise<readonly Figure[]> => {
  const whole: Load = { model: 'bench-burst', streamed: false, clients, milliseconds: windowMilliseconds, perClient: null }
  const streamed: Load = { ...whole, streamed: true }
  const slow: Load = { ...paced, model: 'bench-paced', streamed: true, milliseconds: 60_000 }
  const equality = await equalityFigure(peers, note)
  note('warming up')
  for (const load of [whole, streamed]) await interleave(peers, 1, peer => measure(loader, peer, { ...load, milliseconds: 1_500 }))
  note(`${rounds} rounds, not streaming`)
  const first = closedLoopFigures(await interleave(peers, rounds, peer => measure(loader, peer, whole)), { id: 'P1', processorTime: 5, throughput: 2.5 })
  note(`${rounds} rounds, streaming`)
  const second = closedLoopFigures(await interleave(peers, rounds, peer => measure(loader, peer, streamed)), { id: 'P2', processorTime: 5, throughput: 4 })
  note('first text, and paced chunks')
  const third = await firstTextFigures(loader, peers)
  const fourth = pacedFigures(await interleave(peers, pacedRounds, peer => measure(loader, peer, slow)))
  return [...first, ...second, ...third, ...fourth, equality]
}

const run = ({ negativeControl, note }: BenchOptions): Promise<readonly Figure[]> => withRig(async rig => {
  const bare = await rig.own(startBare(rig))
  const portkey = await rig.own(startPortkey(rig, note))
  const subject = await rig.own(startSallyport(rig, negativeControl ? slowedBuild : {}))
  note([bare, portkey, subject].map(peer => `${peer.name} (${peer.version})`).join(', '))
  // What the negative control misspells is no news.
  return await figuresOf(rig.loader, { bare, portkey, subject }, negativeControl ? () => undefined : note)
})

export const bench: Bench = { title: 'The gateway: key, limits, schema, guard in and out, budget, usage and audit, against a bare proxy and the Portkey gateway', run }
