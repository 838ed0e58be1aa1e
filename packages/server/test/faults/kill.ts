import { setTimeout as sleep } from 'node:timers/promises'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import { ask, newHeard, type Heard } from './lib/heard.ts'
import { auditHolds, compare, noDiscrepancies, type Discrepancies } from './lib/ledger.ts'
import type { Patch } from './lib/patches.ts'
import { closing, makeScratch } from './lib/places.ts'
import { createRandom, type Random } from './lib/random.ts'
import { beginConversations, startRig, startVendor, type Rig } from './lib/rig.ts'
import { launchServer, startServer } from './lib/server.ts'
import { inspectStore } from './lib/store.ts'

const READERS = 16
const TURNS = 200
/** Acknowledgements after which a kill falls at the latest: nearly all of the 200 turns' two. */
const LATEST = 360
const QUESTIONS = ['How do I add a model provider?', 'What does the guard do with a card number?', 'How do I make an API key?', 'Where are my documents kept?', 'What is the capital of the moon?']

/** A server that says `turn-start` some time before it has written the question. It must be found to lose something. */
export const acknowledgesTooEarly: readonly Patch[] = [{
  file: 'compose/turn.ts',
  from: 'record: record({ database, usage, clock, recorded: domains.messageIndexer.note }),',
  to: `record: async function* (turn, events) {
      yield { type: 'start', model: turn.chosen.id, questionId: null, answerId: null, cache: null }
      await new Promise((resolve) => setTimeout(resolve, 100))
      let isFirst = true
      for await (const output of record({ database, usage, clock, recorded: domains.messageIndexer.note })(turn, events)) { if (isFirst) isFirst = false; else yield output }
    },`,
}]

interface Outcome extends Discrepancies {
  readonly corrupt: string[]
  kills: number
  questions: number
  answers: number
  readonly startSeconds: number[]
}

/** Asks in 16 conversations at once until so many acknowledgements came, then ends the server at a moment between two of anything; what happens `before` that is heard. */
export async function askUntilKilled(rig: Rig, random: Random, { round, latest, before }: { readonly round: number; readonly latest: number; readonly before?: () => Promise<void> }): Promise<readonly Heard[]> {
  const after = random.between(1, latest)
  const jitter = random.next() * 30
  const conversations = await beginConversations(rig.local(), READERS)
  const turns: Heard[] = []
  let acknowledged = 0
  const reached = Promise.withResolvers<undefined>()
  const reader = async (conversationId: string) => {
    while (turns.length < TURNS && !rig.server().isOver()) {
      const heard = newHeard(conversationId, `${QUESTIONS[turns.length % QUESTIONS.length] ?? ''} (${round}.${turns.length})`)
      turns.push(heard)
      const reading = await ask(heard, {
        target: rig.remote(), model: turns.length % 3 === 0 ? 'sallyport/library' : 'vendor/model-a',
        onFrame: ({ name }) => {
          if (name === 'turn-start' || name === 'turn-end') acknowledged += 1
          if (acknowledged >= after) reached.resolve(undefined)
        },
      })
      if (reading === 'broken') return
    }
  }
  const readers = Promise.all(conversations.map(reader))
  await Promise.race([reached.promise, readers])
  await sleep(jitter)
  await before?.()
  await rig.server().kill()
  await readers
  return turns
}

/** Kills a server `rounds` times under load, and compares after each. */
export async function killUnderLoad({ rounds, seed, note }: FaultOptions, { patches = [], latest = LATEST }: { readonly patches?: readonly Patch[]; readonly latest?: number } = {}): Promise<Outcome> {
  const random = createRandom(seed)
  await using vendor = closing(await startVendor({ paceMilliseconds: 1 }))
  await using rig = await startRig({ vendors: { vendor }, patches })
  const outcome: Outcome = { ...noDiscrepancies(), corrupt: [], kills: 0, questions: 0, answers: 0, startSeconds: [] }
  const all: Heard[] = []
  for (let round = 0; round < rounds; round += 1) {
    const turns = await askUntilKilled(rig, random, { round, latest })
    outcome.kills += 1
    outcome.questions += turns.filter(({ turnId }) => turnId !== null).length
    outcome.answers += turns.filter(({ end }) => end !== null).length
    if (round % 5 === 0 || round === rounds - 1) outcome.corrupt.push(...await inspectStore(rig.directory))
    const began = performance.now()
    await rig.restart()
    outcome.startSeconds.push((performance.now() - began) / 1_000)
    await compare(rig.local(), turns, outcome)
    if (!await auditHolds(rig.local())) outcome.corrupt.push(`the audit chain after kill ${round + 1}`)
    all.push(...turns)
    if ((round + 1) % 10 === 0) note(`${round + 1} kills: ${outcome.questions} questions and ${outcome.answers} answers acknowledged, ${outcome.lost.length} lost, ${outcome.changed.length} changed`)
  }
  // What was there after its own kill must be there after all the others too.
  await compare(rig.local(), all, outcome)
  await mustGoOn(rig, all, outcome)
  return outcome
}

/** A conversation whose answer was cut off takes the next question. */
export async function mustGoOn(rig: Rig, turns: readonly Heard[], { torn }: Discrepancies): Promise<void> {
  for (const conversationId of new Set(turns.slice(-READERS).map((turn) => turn.conversationId))) {
    const heard = newHeard(conversationId, 'Is anybody there?')
    const reading = await ask(heard, { target: rig.remote() })
    if (heard.end?.status !== 'complete') torn.push(`${conversationId} does not go on: ${reading} ${heard.problem?.code ?? ''}`)
  }
}

/** Ends a server while it makes its directory, its key and its store; the next start must find its way. Gives what it says when it does not. */
export async function killFirstStarts({ rounds, seed, note }: FaultOptions): Promise<readonly string[]> {
  const random = createRandom(seed)
  const failures: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    using scratch = makeScratch()
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const first = launchServer({ directory: scratch.directory })
      await Promise.race([sleep(random.between(150, 1_500)), first.ended])
      await first.kill()
    }
    try {
      const server = await startServer({ directory: scratch.directory })
      await server.kill()
      failures.push(...await inspectStore(scratch.directory))
    } catch (error) {
      failures.push(String(error))
    }
    if ((round + 1) % 10 === 0) note(`${round + 1} directories: ${failures.length} did not start`)
  }
  return failures
}

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const outcome = await killUnderLoad(options)
  const control = await killUnderLoad({ ...options, rounds: Math.min(options.rounds, 3) }, { patches: acknowledgesTooEarly })
  const starts = Math.max(1, Math.floor(options.rounds / 10))
  const failedStarts = await killFirstStarts({ ...options, rounds: starts })
  for (const line of [...outcome.lost, ...outcome.changed, ...outcome.torn, ...outcome.odd, ...outcome.corrupt, ...failedStarts].slice(0, 20)) options.note(line)
  const samples = `${outcome.kills} kills, ${outcome.questions} questions and ${outcome.answers} answers acknowledged`
  return [
    figureOf({ id: 'R1.http.lost', value: outcome.lost.length, unit: 'messages', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.http.changed', value: outcome.changed.length, unit: 'messages', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.http.torn', value: outcome.torn.length, unit: 'turns', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.http.unpromised-events', value: outcome.odd.length, unit: 'events', bound: { equals: 0 }, samples }),
    figureOf({ id: 'R1.http.corrupt', value: outcome.corrupt.length, unit: 'findings', bound: { equals: 0 }, samples: `${outcome.kills} audit chains, every fifth store page by page` }),
    figureOf({ id: 'R1.http.start-after-kill', value: Math.max(...outcome.startSeconds), unit: 's', bound: null, samples: `slowest of ${outcome.startSeconds.length} starts` }),
    figureOf({ id: 'R1.http.answers-acknowledged', value: outcome.answers, unit: 'answers', bound: { atLeast: options.rounds }, samples }),
    figureOf({ id: 'R1.http.control-lost', value: control.lost.length, unit: 'messages', bound: { atLeast: 1 }, samples: `${control.kills} kills of a server that acknowledges before it has written` }),
    figureOf({ id: 'R1.first-start', value: failedStarts.length, unit: 'failures', bound: { equals: 0 }, samples: `${starts} new directories, 3 kills during the first start of each` }),
  ]
}

export const kill: Fault = { title: 'kill -9 under load', rounds: 20, hindrance: () => null, run }
