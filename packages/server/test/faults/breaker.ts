import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import type { BadDay } from '../../src/testing/vendor-script.ts'
import { startVendorServer } from '../../src/testing/vendor-server.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { startRig, type Rig } from './lib/rig.ts'
import { call } from './lib/wire.ts'

const TURNS_A_SECOND = 50
const BESIDE_A_SECOND = 10
const FIRST_BYTE_SECONDS = 2
const OPEN_SECONDS = 3
/** How much later than the configured time the first answer may come: a second of the load, and one more on a busy machine. */
const RECOVERY_SLACK_SECONDS = 2
const MEMORY_MB = 96
const STEADY_SHARE = 1

type Phase = { readonly name: string; readonly seconds: number; readonly day: BadDay | null }
const allPhases: readonly Phase[] = [{ name: 'well', seconds: 4, day: null }, { name: 'hangs', seconds: 8, day: 'hang' }, { name: 'lies', seconds: 6, day: 'wrong-type' }, { name: 'well again', seconds: 9, day: null }]

/** The same in seconds that a test has. */
export const shortPhases: readonly Phase[] = [{ name: 'well', seconds: 1, day: null }, { name: 'hangs', seconds: 4, day: 'hang' }, { name: 'lies', seconds: 3, day: 'wrong-type' }, { name: 'well again', seconds: 5, day: null }]
/** A server whose breaker never opens. It must be found out. */
export const neverOpens: readonly Patch[] = [{ file: 'domains/models/breaker.ts', from: 'if (isTrial || (openUntil === null && failures >= most)) open()', to: '' }]

/** What happened in one second of the run. */
interface Second { readonly phase: string; answered: number; refusedFast: number; failedSlow: number; beside: number; besideFailed: number; slowestBeside: number; reached: number; megabytes: number; breaker: string }
const Providers = z.object({ items: z.array(z.object({ name: z.string(), health: z.object({ breaker: z.string() }) })) })

const residentMegabytes = (pid: number) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1_024

interface Run { readonly seconds: readonly Second[]; readonly recoverySeconds: number; readonly openedAfterSeconds: number; readonly worstBesideSick: number; readonly worstBesideWell: number }

/** Asks two providers at a steady rate, one of which falls ill, and writes down each second. */
export async function playPhases({ note }: Pick<FaultOptions, 'note'>, { phases = allPhases, patches = [] }: { readonly phases?: readonly Phase[]; readonly patches?: readonly Patch[] } = {}): Promise<Run> {
  let phase = phases[0] ?? { name: '', seconds: 0, day: null }
  let reached = 0
  const ill = await startVendorServer('openai-compatible', { script: { text: ['Yes.'] }, day: () => { reached += 1; return phase.day } })
  const steady = await startVendorServer('openai-compatible', { script: { text: ['Yes.'] } })
  await using _vendors = { [Symbol.asyncDispose]: async () => { await ill.close(); await steady.close() } }
  await using rig = await startRig({ patches, vendors: { ill, steady }, flags: { 'resilience.firstByteSeconds': String(FIRST_BYTE_SECONDS), 'resilience.breakerFailures': '10', 'resilience.breakerSeconds': String(OPEN_SECONDS) } })
  const seconds: Second[] = []
  const asked: Promise<void>[] = []
  let wellAgainAt = Number.NaN
  let answeredAgainAt = Number.NaN
  let illAt = Number.NaN
  let openedAt = Number.NaN

  const ask = async (model: string, second: Second): Promise<void> => {
    const began = performance.now()
    const isWellAgain = !Number.isNaN(wellAgainAt)
    const reply = await call(rig.remote(), 'POST /v1/chat/completions', { body: { model: `${model}/model-a`, stream: true, messages: [{ role: 'user', content: 'Say yes.' }] } }).catch(() => ({ status: 0 }))
    const took = performance.now() - began
    if (model === 'steady') {
      second.beside += 1
      if (reply.status !== 200) second.besideFailed += 1
      second.slowestBeside = Math.max(second.slowestBeside, took)
    } else if (reply.status === 200) {
      second.answered += 1
      if (isWellAgain && Number.isNaN(answeredAgainAt)) answeredAgainAt = performance.now()
    } else if (took < 500) second.refusedFast += 1
    else second.failedSlow += 1
  }
  for (phase of phases) {
    if (phase.day === 'hang') illAt = performance.now()
    if (phase.name === 'well again') wellAgainAt = performance.now()
    for (let index = 0; index < phase.seconds; index += 1) {
      const second: Second = { phase: phase.name, answered: 0, refusedFast: 0, failedSlow: 0, beside: 0, besideFailed: 0, slowestBeside: 0, reached: 0, megabytes: 0, breaker: '' }
      const before = reached
      for (let turn = 0; turn < TURNS_A_SECOND; turn += 1) {
        const due = performance.now() + 1_000 / TURNS_A_SECOND
        asked.push(ask('ill', second))
        if (turn % (TURNS_A_SECOND / BESIDE_A_SECOND) === 0) asked.push(ask('steady', second))
        await wait(Math.max(0, due - performance.now()))
      }
      second.reached = reached - before
      second.megabytes = residentMegabytes(rig.server().pid)
      second.breaker = await breakerOf(rig)
      if (second.breaker !== 'closed' && Number.isNaN(openedAt)) openedAt = performance.now()
      seconds.push(second)
      note(`${phase.name}: breaker ${second.breaker}`)
    }
  }
  await Promise.all(asked)
  const worst = (names: readonly string[]) => Math.max(...seconds.filter(({ phase: name }) => names.includes(name)).map(({ slowestBeside }) => slowestBeside))
  return { seconds, recoverySeconds: (answeredAgainAt - wellAgainAt) / 1_000, openedAfterSeconds: (openedAt - illAt) / 1_000, worstBesideSick: worst(['hangs', 'lies']), worstBesideWell: worst(['well']) }
}

async function breakerOf(rig: Rig): Promise<string> {
  const { items } = Providers.parse((await call(rig.local(), 'GET /api/v1/providers')).body)
  return items.find(({ name }) => name === 'ill')?.health.breaker ?? 'unknown'
}

/** One line for each second: how many were answered (#), refused at once (.) and left waiting (!), how many calls reached the provider, and what memory the server had. */
function chartOf(seconds: readonly Second[]): readonly string[] {
  const bar = ({ answered, refusedFast, failedSlow }: Second) => `${'#'.repeat(Math.round(answered / 2))}${'.'.repeat(Math.round(refusedFast / 2))}${'!'.repeat(Math.round(failedSlow / 2))}`.padEnd(TURNS_A_SECOND / 2 + 2)
  return ['  s  the provider  # answered  . refused at once  ! waited', ...seconds.map((second, index) =>
    `${String(index + 1).padStart(3)}  ${second.phase.padEnd(12)}  ${bar(second)}  ${second.breaker.padEnd(9)}  ${String(second.reached).padStart(3)} reached it  ${second.megabytes.toFixed(0)} MB  beside it ${second.beside - second.besideFailed}/${second.beside}`)]
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const { seconds, recoverySeconds, openedAfterSeconds, worstBesideSick, worstBesideWell } = await playPhases(options)
  for (const line of chartOf(seconds)) console.log(line)
  const of = (names: readonly string[]) => seconds.filter(({ phase }) => names.includes(phase))
  const beside = seconds.reduce((sum, second) => sum + second.beside, 0)
  const besideFailed = seconds.reduce((sum, second) => sum + second.besideFailed, 0)
  const wellMemory = Math.max(...of(['well']).map(({ megabytes }) => megabytes))
  const samples = `${seconds.length} s at ${TURNS_A_SECOND} turns a second, and ${BESIDE_A_SECOND} with another provider`
  return [
    figureOf({ id: 'breaker.opens', value: openedAfterSeconds, unit: 's after it began to hang', bound: { atMost: FIRST_BYTE_SECONDS + 2 }, samples }),
    figureOf({ id: 'breaker.reached', value: of(['lies']).reduce((sum, { reached }) => sum + reached, 0), unit: 'calls while it lied', bound: { atMost: (6 / OPEN_SECONDS + 1) * 2 }, samples }),
    figureOf({ id: 'breaker.recovers', value: recoverySeconds, unit: 's after it was well', bound: { atMost: OPEN_SECONDS + RECOVERY_SLACK_SECONDS }, samples }),
    figureOf({ id: 'breaker.others', value: (beside - besideFailed) / beside, unit: 'of the others answered', bound: { equals: STEADY_SHARE }, samples: `${beside} turns` }),
    figureOf({ id: 'breaker.others-slowest', value: worstBesideSick, unit: 'ms', bound: null, samples: `${worstBesideWell.toFixed(0)} ms while all was well` }),
    figureOf({ id: 'breaker.memory', value: Math.max(...seconds.map(({ megabytes }) => megabytes)) - wellMemory, unit: 'MB more than while all was well', bound: { atMost: MEMORY_MB }, samples }),
  ]
}

export const breaker: Fault = { title: 'A provider that hangs, then lies, then is well again', rounds: 1, hindrance: () => (process.platform === 'linux' ? null : 'reads memory from /proc'), run }
