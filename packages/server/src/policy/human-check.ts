import type { HumanCheckedOperation, OperationId } from '@sallyport/contract'
import type { Caller } from '../kernel/handler.ts'
import type { Tunable } from './limits.ts'

/** `suspicious`: when the points of whoever calls have reached the step `challenged`. `new-account`: also when the setting `humanCheck.signUp` says always. */
interface HumanCheckRow {
  readonly when: 'suspicious' | 'new-account'
  /** Of an operation that takes several grants, those in which something can be guessed. What comes with a key or a token is never asked. */
  readonly grants?: readonly string[]
}

/** Where somebody may be asked to show that they are no program (LIM-4): where one gets in, and where those who are in spend most. */
export const humanChecks: Readonly<Record<HumanCheckedOperation, HumanCheckRow>> = {
  signIn: { when: 'suspicious' },
  passkeySignIn: { when: 'suspicious' },
  completeSignIn: { when: 'suspicious' },
  issueToken: { when: 'suspicious', grants: ['password', 'urn:sallyport:grant-type:second-factor'] },
  signUp: { when: 'new-account' },
  acceptInvitation: { when: 'suspicious' },
  requestPasswordReset: { when: 'suspicious' },
  resetPassword: { when: 'suspicious' },
  proveAgain: { when: 'suspicious' },
  createConversation: { when: 'suspicious' },
  createTurn: { when: 'suspicious' },
  createChat: { when: 'suspicious' },
}
const isChecked = (id: OperationId): id is HumanCheckedOperation => Object.hasOwn(humanChecks, id)
/** The row of an operation; null where nobody is ever asked. */
export const humanCheckOf = (id: OperationId): HumanCheckRow | null => (isChecked(id) ? humanChecks[id] : null)

/** A person can be asked: at a browser, signed in or not yet. Keys, tokens of programs and the administration socket cannot. */
export const canBeAsked = ({ credential }: Pick<Caller, 'credential'>): boolean => credential.kind === 'none' || credential.kind === 'session'

/** Tries that the easiest check takes at most: 4,000 are a second or less in a browser, and half of that in the mean. */
export const humanCheckCounters = { default: 4_000, min: 100, max: 1_000_000 } as const satisfies Tunable
/** From the highest: how many times as hard it is from a share of `banPoints` on. */
export const humanCheckEfforts = [{ fromShare: 0.85, times: 8 }, { fromShare: 0.7, times: 3 }] as const
/** How many times as hard a check is for one with such a share of the points. */
export const effortAt = (share: number): number => humanCheckEfforts.find(({ fromShare }) => share >= fromShare)?.times ?? 1

/** An offer holds so long. Solutions are remembered longer than that. A solved check takes so much of `banPoints` back. */
export const humanCheckRules = { lifeSeconds: 300, rememberedSeconds: 600, relievesShare: 0.25 } as const
