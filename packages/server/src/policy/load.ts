import type { OperationId } from '@sallyport/contract'
import type { Tunable } from './limits.ts'
import type { BudgetClass } from './operations.ts'

/** What is given up, in this order, while the server has more to do than it can (LIM-8). Each step gives up what the steps before it do, too. */
export const sheddingOrder = ['anonymous', 'background', 'turn'] as const
export type Shed = (typeof sheddingOrder)[number]

/** How much of what is too much gives a step up: the share of `loopDelayMilliseconds`, of the memory, and of the places in the queue. */
export const sheddingSteps = {
  anonymous:  { delay: 0.5, memory: 0.8, waiting: 0.5 },
  background: { delay: 0.75, memory: 0.85, waiting: 0.75 },
  turn:       { delay: 1, memory: 0.92, waiting: 1 },
} as const satisfies Record<Shed, Readonly<Record<'delay' | 'memory' | 'waiting', number>>>

/** How long the event loop keeps what is ready waiting, in the mean, before new questions are refused. */
export const loopDelay = { default: 250, min: 20, max: 600_000 } as const satisfies Tunable
/** Memory that the process may have, in megabytes; 0: what the machine or its container has. */
export const memoryMegabytes = { default: 0, min: 0, max: 16_777_216 } as const satisfies Tunable
/** How often it is looked, and how long a step stays given up after it was last too much. Who is refused comes back after so many seconds, and up to so many more by chance. */
export const loadRules = { lookMilliseconds: 250, staysMilliseconds: 2_000, retrySeconds: 2, spreadSeconds: 4 } as const

/** Answers under way at once in this process, and questions that may wait for a place and for how long. One account has no more than its share of the places, and one provider no more than its share of those that the others leave, and of the places to wait: however many of them hang, one is left for who asks another. */
export const turnsAtOnce = { default: 512, min: 1, max: 100_000 } as const satisfies Tunable
export const turnQueue = { waiting: 1_000, waitSeconds: 10, accountShare: 0.4, providerShare: 0.8 } as const

/** What nobody has to be signed in for and goes on all the same: signing in, with what its screen needs. Health checks and files have classes of their own. */
const signInNeeds: ReadonlySet<OperationId> = new Set<OperationId>(['getSession', 'getSetup', 'createOwner', 'getSignUpPolicy', 'listSignInProviders'])
const signInClasses: ReadonlySet<BudgetClass> = new Set<BudgetClass>(['none', 'static', 'sign-in', 'second-factor', 'token', 'federation', 'back-channel'])

/** Which step gives a call up; null: none does. Running streams are calls that were let in already. */
export function shedWith(operationId: OperationId | null, budget: BudgetClass | null, isAnonymous: boolean): Shed | null {
  if (budget === 'turn') return isAnonymous ? 'anonymous' : 'turn'
  if (!isAnonymous) return null
  return operationId !== null && (signInNeeds.has(operationId) || (budget !== null && signInClasses.has(budget))) ? null : 'anonymous'
}
