import { setTimeout as wait } from 'node:timers/promises'
import { NewServiceKey } from '@sallyport/contract'
import { startVendorServer } from '../../src/testing/vendor-server.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { startRig, type Rig } from './lib/rig.ts'
import { must, open, type Target } from './lib/wire.ts'

const STREAMS = 200
const OTHERS = 20
const WORDS = 6
/** Longer than a pass takes. */
const LONG_WORDS = 800
const PACE_MILLISECONDS = 250
/** Rounds with and without the heavy account take turns, so that a machine that is busy for a while is busy for both. */
const PASSES = 4
const TURNS_A_PASS = 5

/** A server whose places are few and first come, first served: the heavy account takes them all. It must be found to be unfair. */
export const unfair: readonly Patch[] = [{ file: 'policy/load.ts', from: 'waitSeconds: 10, accountShare: 0.4', to: 'waitSeconds: 10, accountShare: 1' }]
export const fewPlaces = { streams: 40, people: 5, flags: { 'limits.turnsAtOnce': '40' } } as const

/** Further accounts, each with a key. */
async function newcomers(rig: Rig, count: number): Promise<readonly Target[]> {
  const target = rig.remote()
  const made: Target[] = []
  for (let index = 0; index < count; index += 1) made.push({ port: target.port, key: NewServiceKey.parse(await must(rig.local(), 'POST /api/v1/service-keys', { name: `other ${index}`, role: 'member' })).value })
  return made
}

const question = (text: string) => ({ model: 'paced/model-a', stream: true, messages: [{ role: 'user', content: text }] })

/** Milliseconds to the first word of an answer that came whole. */
async function timed(target: Target): Promise<{ readonly first: number; readonly failure: string | null }> {
  const began = performance.now()
  const response = await open(target, 'POST /v1/chat/completions', { body: question('A short one.') })
  let first = Number.NaN
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8')
    if (Number.isNaN(first) && text.includes('"content":"w')) first = performance.now() - began
  }
  return { first, failure: response.statusCode === 200 && text.endsWith('data: [DONE]\n\n') ? null : `${response.statusCode ?? 0} ${text.slice(-200)}` }
}

const quantile = (values: readonly number[], share: number) => values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN

export interface Fairness { readonly alone: number[]; readonly beside: number[]; failed: number; readonly failures: string[]; heavyRunning: number; heavyFailed: number }

/** Lets others ask, with and without an account beside them that has hundreds of streams open. */
export async function runBeside({ note }: Pick<FaultOptions, 'note'>, { flags = {}, patches = [], passes = PASSES, turns = TURNS_A_PASS, streams = STREAMS, people = OTHERS }: { readonly turns?: number; readonly streams?: number; readonly people?: number; readonly flags?: Readonly<Record<string, string>>; readonly patches?: readonly Patch[]; readonly passes?: number } = {}): Promise<Fairness> {
  const vendor = await startVendorServer('openai-compatible', { script: ({ question: asked }) => ({ text: Array.from({ length: asked === 'A long one.' ? LONG_WORDS : WORDS }, () => 'word ') }), paceMilliseconds: PACE_MILLISECONDS })
  await using _vendor = { [Symbol.asyncDispose]: () => vendor.close() }
  await using rig = await startRig({ vendors: { paced: vendor }, patches, flags: { 'resilience.callsAtOnce': '4096', ...flags } })
  const others = await newcomers(rig, people)
  const found: Fairness = { alone: [], beside: [], failed: 0, failures: [], heavyRunning: 0, heavyFailed: 0 }
  const measure = async (times: number[]) => {
    await Promise.all(others.map(async (target) => {
      for (let turn = 0; turn < turns; turn += 1) {
        const { first, failure } = await timed(target).catch((error: unknown) => ({ first: Number.NaN, failure: String(error) }))
        if (failure === null) times.push(first)
        else { found.failed += 1; found.failures.push(failure) }
      }
    }))
  }
  for (let pass = 0; pass < passes; pass += 1) {
    await measure(found.alone)
    const stop = new AbortController()
    const heavy = Array.from({ length: streams }, async () => {
      try {
        const response = await open(rig.remote(), 'POST /v1/chat/completions', { body: question('A long one.'), signal: stop.signal })
        if (response.statusCode !== 200) { found.heavyFailed += 1; return }
        found.heavyRunning += 1
        for await (const chunk of response as AsyncIterable<Buffer>) if (chunk.length === 0) return
      } catch { /* left */ }
    })
    await wait(2_000)
    await measure(found.beside)
    stop.abort()
    await Promise.all(heavy)
    note(`pass ${pass + 1}: p99 ${quantile(found.alone, 0.99).toFixed(0)} ms alone, ${quantile(found.beside, 0.99).toFixed(0)} ms beside`)
    // Let the server see that they are gone.
    await wait(500)
  }
  return found
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const { alone, beside, failed, failures, heavyRunning, heavyFailed } = await runBeside(options, { passes: options.rounds })
  for (const failure of new Set(failures)) options.note(failure)
  const samples = `${beside.length} answers of ${OTHERS} others beside ${STREAMS} streams of one account, ${alone.length} without them`
  return [
    figureOf({ id: 'R9.p99', value: quantile(beside, 0.99) / quantile(alone, 0.99), unit: 'x to the first word', bound: { atMost: 1.5 }, samples: `${samples}; ${quantile(beside, 0.99).toFixed(0)} ms against ${quantile(alone, 0.99).toFixed(0)} ms` }),
    figureOf({ id: 'R9.median', value: quantile(beside, 0.5) / quantile(alone, 0.5), unit: 'x', bound: null, samples: `${quantile(beside, 0.5).toFixed(0)} ms against ${quantile(alone, 0.5).toFixed(0)} ms` }),
    figureOf({ id: 'R9.failed', value: failed, unit: 'answers of others that failed', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R9.streams', value: heavyRunning / options.rounds, unit: 'streams open beside them', bound: { atLeast: STREAMS }, samples: `${heavyFailed} refused` }),
  ]
}

export const fair: Fault = { title: 'One account with 200 streams beside 20 others', rounds: PASSES, hindrance: () => null, run }
