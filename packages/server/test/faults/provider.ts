import type { ProblemCode } from '@sallyport/contract'
import type { BadDay } from '../../src/testing/vendor-script.ts'
import { startVendorServer, vendorWires, type VendorName, type VendorServer } from '../../src/testing/vendor-server.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { ask, newHeard, type Heard } from './lib/heard.ts'
import { auditHolds } from './lib/ledger.ts'
import type { Patch } from './lib/patches.ts'
import { until } from './lib/process.ts'
import { beginConversations, readMessages, startRig, type Rig } from './lib/rig.ts'
import { must } from './lib/wire.ts'

const CREDENTIAL = 'sk-faults-credential-4711'
const WORDS = Array.from({ length: 40 }, (_, index) => `piece ${index} of an answer, `)
const TEXT = WORDS.join('')
/** How long an abandoned call may stay open at the vendor, and an unused connection in the pool. */
const LEFT_SECONDS = 1
const POOL_SECONDS = 12
/** An endless answer is bounded by its length, and this is how long that may take. */
const ENDLESS_SECONDS = 60

/** The limits that the policy sets for a silent vendor. */
export interface Silence { readonly firstByteSeconds: number; readonly idleSeconds: number }
const POLICY: Silence = { firstByteSeconds: 30, idleSeconds: 30 }

/** The same server with shorter limits, where half a minute is too long for a test. */
const shorten = ({ firstByteSeconds, idleSeconds }: Silence) => ({ 'resilience.firstByteSeconds': String(firstByteSeconds), 'resilience.wholeAnswerSeconds': String(Math.max(firstByteSeconds, 120)), 'resilience.idleSeconds': String(idleSeconds) })

type Expected = { readonly code: ProblemCode } | 'complete'

/** What a caller is told, as `docs/handbook/providers.md` has it. */
const days: Readonly<Record<BadDay, Expected>> = {
  hang: { code: 'provider-unavailable' }, 'hang-midway': { code: 'provider-unavailable' },
  reset: { code: 'provider-unavailable' }, 'reset-midway': { code: 'provider-unavailable' }, 'not-http': { code: 'provider-unavailable' },
  'server-error': { code: 'provider-error' }, 'server-error-html': { code: 'provider-error' }, redirect: { code: 'provider-unavailable' },
  'error-midway': { code: 'provider-error' }, 'rate-limited': { code: 'provider-unavailable' },
  unauthorised: { code: 'provider-error' }, 'unknown-model': { code: 'model-not-found' },
  'half-a-chunk': { code: 'provider-error' }, 'wrong-json': { code: 'provider-error' }, 'wrong-shape': { code: 'provider-error' },
  'missing-finish': { code: 'provider-error' }, 'wrong-type': { code: 'provider-error' }, compressed: { code: 'provider-error' },
  'huge-frame': { code: 'provider-error' }, endless: { code: 'provider-error' },
  'unknown-events': 'complete',
}
const allDays = Object.keys(days) as readonly BadDay[]
const vendorNames = Object.keys(vendorWires) as readonly VendorName[]
const isSilent = (day: BadDay) => day === 'hang' || day === 'hang-midway'
const limitSeconds = (day: BadDay, { firstByteSeconds, idleSeconds }: Silence) => day === 'hang' ? firstByteSeconds : day === 'hang-midway' ? idleSeconds : day === 'endless' ? ENDLESS_SECONDS : 0

/** A server that keeps nothing of an answer that failed. It must be found to record badly. */
export const forgetsFailures: readonly Patch[] = [{ file: 'turn/stages/record.ts', from: 'await end(\'failed\')', to: '' }]

export interface Outcome {
  turns: number
  readonly undocumented: string[]
  readonly badlyRecorded: string[]
  readonly leaks: string[]
  /** Answers that took longer than their limit and a second. */
  readonly late: string[]
  slowestOverLimitSeconds: number
  readonly corrupt: string[]
}

interface Meeting { readonly rig: Rig; readonly silence: Silence; readonly outcome: Outcome }

/** One question on a bad day, and what is kept of it. */
async function meet({ rig, silence, outcome }: Meeting, vendor: VendorName, day: BadDay): Promise<void> {
  const [conversationId = ''] = await beginConversations(rig.local(), 1)
  const heard = newHeard(conversationId, `day ${day}`)
  const began = performance.now()
  const reading = await ask(heard, { target: rig.remote(), model: `${vendor}/model-a` })
  const over = (performance.now() - began) / 1_000 - limitSeconds(day, silence)
  const name = `${vendor} on the day ${day}`
  outcome.turns += 1
  outcome.slowestOverLimitSeconds = Math.max(outcome.slowestOverLimitSeconds, over)
  if (over > 1) outcome.late.push(`${name}: ${over.toFixed(2)} s over its limit`)
  const expected = days[day]
  if (expected === 'complete' ? heard.end?.status !== 'complete' || heard.text !== TEXT : heard.problem?.code !== expected.code) {
    outcome.undocumented.push(`${name}: ${reading} with ${heard.problem?.code ?? heard.end?.status ?? 'nothing'}`)
  }
  if (day !== 'endless' && !TEXT.startsWith(heard.text)) outcome.undocumented.push(`${name}: showed what the vendor did not say`)
  if (`${JSON.stringify(heard.problem)}${heard.text}`.includes(CREDENTIAL.slice(0, 12))) outcome.undocumented.push(`${name}: showed the credential`)
  const wrong = await judgeRecord(rig, heard, expected)
  if (wrong !== null) outcome.badlyRecorded.push(`${name}: ${wrong}`)
}

/** The question is kept, the answer is failed and holds what was shown, and the conversation goes on. Null when all of it is so. */
async function judgeRecord(rig: Rig, heard: Heard, expected: Expected): Promise<string | null> {
  const [question, answer] = await readMessages(rig.local(), heard.conversationId)
  if (question?.text !== heard.question) return 'the question is not kept'
  if (answer?.status !== (expected === 'complete' ? 'complete' : 'failed')) return `the answer is kept as ${answer?.status ?? 'nothing'}`
  if (answer.text !== heard.text) return `${answer.text.length} characters are kept and ${heard.text.length} were shown`
  const next = newHeard(heard.conversationId, 'hello')
  await ask(next, { target: rig.remote(), model: 'sallyport/library' })
  return next.end?.status === 'complete' ? null : `the conversation does not go on: ${next.problem?.code ?? ''}`
}

/** No call may be under way when all answers are over, and no connection may stay when nobody needs it. */
async function judgeSockets(vendors: ReadonlyMap<VendorName, VendorServer>, { leaks }: Outcome): Promise<void> {
  const wait = async (what: string, seconds: number, holds: (vendor: VendorServer) => boolean) => {
    for (const [name, vendor] of vendors) await until(what, () => holds(vendor), seconds).catch(() => { leaks.push(`${name}: not so that ${what}: ${JSON.stringify(vendor.open())}`) })
  }
  await wait('every call is over', LEFT_SECONDS, (vendor) => vendor.open().answers === 0)
  await wait('every connection is closed', POOL_SECONDS, (vendor) => vendor.open().connections === 0)
}

/** Meets every bad day of every vendor. */
export async function meetBadDays({ note }: Pick<FaultOptions, 'note'>, { silence = POLICY, chosen = vendorNames, patches = [] }: { readonly silence?: Silence; readonly chosen?: readonly VendorName[]; readonly patches?: readonly Patch[] } = {}): Promise<Outcome> {
  const vendors = new Map<VendorName, VendorServer>()
  for (const name of chosen) vendors.set(name, await startVendorServer(name, { script: { text: WORDS }, day: ({ question }) => allDays.find((day) => question === `day ${day}`) ?? null }))
  await using rig = await startRig({ flags: shorten(silence), patches })
  const outcome: Outcome = { turns: 0, undocumented: [], badlyRecorded: [], leaks: [], late: [], slowestOverLimitSeconds: Number.NEGATIVE_INFINITY, corrupt: [] }
  try {
    for (const [adapter, { baseUrl }] of vendors) {
      await must(rig.local(), `PUT /api/v1/providers/${adapter}`, { adapter, baseUrl, credential: CREDENTIAL, allowPrivateAddress: true, models: ['model-a'] })
    }
    const meeting = { rig, silence, outcome }
    // The silent ones wait side by side; the others come one after another, so that their time is their own.
    const silent = Promise.all(chosen.flatMap((vendor) => allDays.filter(isSilent).map((day) => meet(meeting, vendor, day))))
    for (const vendor of chosen) {
      for (const day of allDays) if (!isSilent(day)) await meet(meeting, vendor, day)
      note(`${vendor}: ${outcome.turns} turns, ${outcome.undocumented.length} undocumented, ${outcome.badlyRecorded.length} badly recorded`)
    }
    await silent
    await judgeSockets(vendors, outcome)
    if (!await auditHolds(rig.local())) outcome.corrupt.push('the audit chain')
  } finally {
    await Promise.all([...vendors.values()].map((vendor) => vendor.close()))
  }
  return outcome
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await meetBadDays(options)
  for (const line of [...outcome.undocumented, ...outcome.badlyRecorded, ...outcome.leaks, ...outcome.late, ...outcome.corrupt].slice(0, 40)) options.note(line)
  const samples = `${outcome.turns} turns: ${vendorNames.length} adapters on ${allDays.length} bad days`
  return [
    figureOf({ id: 'R7.undocumented', value: outcome.undocumented.length, unit: 'answers', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R7.over-limit', value: outcome.slowestOverLimitSeconds, unit: 's', bound: { atMost: 1 }, samples: `slowest of ${outcome.turns}, ${outcome.late.length} above a second` }),
    figureOf({ id: 'R7.leaked-sockets', value: outcome.leaks.length, unit: 'leaks', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R7.badly-recorded', value: outcome.badlyRecorded.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R7.corrupt', value: outcome.corrupt.length, unit: 'findings', bound: { equals: 0 }, samples }),
  ]
}

export const provider: Fault = { title: 'vendors on bad days', rounds: 1, hindrance: () => null, run }
