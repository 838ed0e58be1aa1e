import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { startVendorServer } from '../../src/testing/vendor-server.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { startRig } from './lib/rig.ts'
import { open, textOf, type Target } from './lib/wire.ts'

const SECONDS = 10
const CLIENTS = 300
const LONG_WORDS = 200
const PACE_MILLISECONDS = 60
/** A delay that a flood reaches on any machine. */
const DELAY_MILLISECONDS = 20
/** How long a step stays given up, a look, and what a busy machine adds. */
const RECOVERY_SECONDS = 5
const QUESTION = { model: 'paced/model-a', messages: [{ role: 'user', content: 'Say yes.' }] }

/** A server that gives nothing up. It must be found to let all of a flood in. */
export const takesAll: readonly Patch[] = [{ file: 'edge/steps/shed-load.ts', from: 'load.shed().length === 0', to: 'load.shed().length >= 0' }]

export interface Flood { answered: number; shed: number; withoutRetryAfter: number; readonly other: string[]; readonly health: number[]; readonly signIns: number[]; streamIsWhole: boolean; recoverySeconds: number }
const longWords = Array.from({ length: LONG_WORDS }, (_, index) => `word${index} `)
const longText = longWords.join('')
const Chunk = z.object({ choices: z.array(z.object({ delta: z.object({ content: z.string().optional() }) })) })
/** What the chunks of a stream say together: they are cut anew on their way. */
const contentOf = (stream: string) => stream.split('\n\n').filter((piece) => piece.startsWith('data: {')).map((piece) => Chunk.parse(JSON.parse(piece.slice(6))).choices[0]?.delta.content ?? '').join('')
const Problem = z.object({ error: z.object({ code: z.string() }) })

/** Asks as fast as it can, and looks meanwhile whether what must go on goes on. */
export async function flood({ note }: Pick<FaultOptions, 'note'>, { patches = [], seconds = SECONDS }: { readonly patches?: readonly Patch[]; readonly seconds?: number } = {}): Promise<Flood> {
  const vendor = await startVendorServer('openai-compatible', { script: ({ question }) => ({ text: question === 'A long one.' ? longWords : ['Yes.'] }), paceMilliseconds: PACE_MILLISECONDS })
  await using _vendor = { [Symbol.asyncDispose]: () => vendor.close() }
  await using rig = await startRig({ vendors: { paced: vendor }, patches, flags: { 'load.loopDelayMilliseconds': String(DELAY_MILLISECONDS), 'limits.rates': '{"turn-by-address":10000000,"turn-by-key":100000000,"sign-in":100}' } })
  const found: Flood = { answered: 0, shed: 0, withoutRetryAfter: 0, other: [], health: [], signIns: [], streamIsWhole: false, recoverySeconds: Number.NaN }
  const target = rig.remote()
  const begin = async (): ReturnType<typeof open> => {
    const response = await open(target, 'POST /v1/chat/completions', { body: { ...QUESTION, stream: true, messages: [{ role: 'user', content: 'A long one.' }] } })
    if (response.statusCode === 200) return response
    await textOf(response)
    // A server that has only just started may be busy with that.
    await wait(500)
    return begin()
  }
  const long = textOf(await begin())
  const until = performance.now() + seconds * 1_000
  const goesOn = () => performance.now() < until
  const ask = async (): Promise<boolean> => {
    const response = await open(target, 'POST /v1/chat/completions', { body: QUESTION })
    const text = await textOf(response)
    if (response.statusCode === 200) { found.answered += 1; return true }
    if (response.statusCode === 503 && Problem.safeParse(JSON.parse(text)).data?.error.code === 'overloaded') {
      found.shed += 1
      if (!/^\d+$/.test(response.headers['retry-after'] ?? '')) found.withoutRetryAfter += 1
    } else found.other.push(`${response.statusCode ?? 0} ${text.slice(0, 120)}`)
    return false
  }
  const flooding = Array.from({ length: CLIENTS }, async () => { while (goesOn()) await ask().catch((error: unknown) => { found.other.push(String(error)) }) })
  const nobody: Target = { port: target.port, key: null }
  const probe = async (times: number[], line: string, { sent, pause }: { readonly sent: Parameters<typeof open>[2]; readonly pause: number }) => {
    while (goesOn()) {
      const began = performance.now()
      const response = await open(nobody, line, sent).catch(() => null)
      if (response !== null) await textOf(response)
      times.push(response?.statusCode === 200 ? performance.now() - began : Number.POSITIVE_INFINITY)
      await wait(pause)
    }
  }
  const origin = `http://127.0.0.1:${target.port}`
  await Promise.all([
    ...flooding, probe(found.health, 'GET /healthz', { sent: {}, pause: 100 }),
    probe(found.signIns, 'POST /api/v1/session', { sent: { headers: { origin }, body: { email: 'owner@example.org', password: 'correct horse battery staple 7' } }, pause: 1_000 }),
  ])
  const ended = performance.now()
  note(`${found.answered} answered, ${found.shed} refused`)
  while (performance.now() - ended < 30_000) {
    if (await ask().catch(() => false)) { found.recoverySeconds = (performance.now() - ended) / 1_000; break }
    await wait(100)
  }
  const text = await long
  found.streamIsWhole = text.endsWith('data: [DONE]\n\n') && contentOf(text) === longText
  return found
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const { answered, shed, withoutRetryAfter, other, health, signIns, streamIsWhole, recoverySeconds } = await flood(options)
  for (const line of new Set(other)) options.note(line)
  const samples = `${answered + shed} questions of ${CLIENTS} clients in ${SECONDS} s`
  const failures = (times: readonly number[]) => times.filter((time) => !Number.isFinite(time)).length
  return [
    figureOf({ id: 'overload.shed', value: shed, unit: 'questions refused', bound: { atLeast: 1 }, samples: `${answered} answered` }),
    figureOf({ id: 'overload.undocumented', value: other.length + withoutRetryAfter, unit: 'answers beside 200, and 503 with Retry-After', bound: { equals: 0 }, samples }),
    figureOf({ id: 'overload.health', value: failures(health), unit: 'health checks that failed', bound: { equals: 0 }, samples: `${health.length} of them, the slowest ${Math.max(...health).toFixed(0)} ms` }),
    figureOf({ id: 'overload.sign-in', value: failures(signIns), unit: 'sign-ins that failed', bound: { equals: 0 }, samples: `${signIns.length} of them, the slowest ${Math.max(...signIns).toFixed(0)} ms` }),
    figureOf({ id: 'overload.stream', value: streamIsWhole ? 1 : 0, unit: 'of 1 stream from before came whole', bound: { equals: 1 }, samples: `${LONG_WORDS} words` }),
    figureOf({ id: 'overload.recovers', value: recoverySeconds, unit: 's after the flood to the next answer', bound: { atMost: RECOVERY_SECONDS }, samples }),
  ]
}

export const overload: Fault = { title: 'More questions than it can answer', rounds: 1, hindrance: () => null, run }
