import type { BudgetClass } from './operations.ts'

/** A number that an administrator may tune within its range, and never switch off. */
export interface Tunable { readonly default: number; readonly min: number; readonly max: number }
export interface RateRow {
  /** The operations that it counts; `unlisted`: requests that no operation answers; null: it is taken elsewhere, by its name. */
  readonly budget: Exclude<BudgetClass, 'none'> | 'unlisted' | null
  /** Whose events are counted together. Where nobody is signed in, an account's row counts the address. */
  readonly by: 'address' | 'account' | 'key'
  /** What is counted, for the one who is told that it was too much. */
  readonly what: string
  readonly count: Tunable
  readonly windowSeconds: number
  /** Whether an address has it once for those who are signed in, and once for all others. */
  readonly isApart?: true
}

const MINUTE = 60
const HOUR = 3_600

/**
 * Every rate (LIM-1): by class of operation, account, API key and address. `none` alone has no row: health checks. Rows of a minute are
 * counted in memory, or in Redis where there is one; longer ones in the store or in Redis, so that a restart forgets nothing. A turn's rows are
 * taken in the turn, on every entrance.
 */
export const rates = {
  // Before anybody is identified: guessing keys must cost. Taken for nobody in particular, for credentials that nobody has seen hold, and for those signed in, each apart.
  address:   { budget: null, by: 'address', what: 'requests', count: { default: 1_200, min: 60, max: 10_000_000 }, windowSeconds: MINUTE },
  // Wrong credentials.
  refusal:   { budget: null, by: 'address', what: 'wrong credentials', count: { default: 60, min: 5, max: 10_000 }, windowSeconds: MINUTE },
  static:    { budget: 'static', by: 'address', what: 'files', count: { default: 600, min: 60, max: 100_000 }, windowSeconds: MINUTE, isApart: true },
  'sign-in': { budget: 'sign-in', by: 'address', what: 'sign-ins', count: { default: 5, min: 1, max: 100 }, windowSeconds: MINUTE },
  // Programs that share an address each come four times an hour; tries of one password are counted with the account.
  token:     { budget: 'token', by: 'address', what: 'tokens', count: { default: 30, min: 1, max: 10_000 }, windowSeconds: MINUTE },
  // Tries of codes are counted by account as well, in the store: `factorTries`.
  'second-factor': { budget: 'second-factor', by: 'address', what: 'proofs', count: { default: 20, min: 1, max: 1_000 }, windowSeconds: MINUTE },
  link:      { budget: 'link', by: 'address', what: 'links', count: { default: 10, min: 1, max: 1_000 }, windowSeconds: MINUTE },
  estimate:  { budget: 'estimate', by: 'address', what: 'estimates', count: { default: 60, min: 5, max: 1_000 }, windowSeconds: MINUTE },
  read:      { budget: 'read', by: 'account', what: 'reading requests', count: { default: 240, min: 10, max: 100_000 }, windowSeconds: MINUTE },
  write:     { budget: 'write', by: 'account', what: 'changes', count: { default: 120, min: 10, max: 100_000 }, windowSeconds: MINUTE },
  turn:      { budget: 'turn', by: 'account', what: 'questions', count: { default: 20, min: 1, max: 1_000_000 }, windowSeconds: MINUTE },
  'turn-by-address': { budget: 'turn', by: 'address', what: 'questions', count: { default: 600, min: 10, max: 10_000_000 }, windowSeconds: MINUTE },
  'turn-by-key': { budget: 'turn', by: 'key', what: 'questions', count: { default: 100, min: 1, max: 100_000_000 }, windowSeconds: HOUR },
  conversation: { budget: 'conversation', by: 'account', what: 'new conversations', count: { default: 60, min: 1, max: 100_000 }, windowSeconds: MINUTE },
  'conversation-by-key': { budget: 'conversation', by: 'key', what: 'new conversations', count: { default: 20, min: 1, max: 1_000_000 }, windowSeconds: HOUR },
  feedback:  { budget: 'feedback', by: 'account', what: 'ratings', count: { default: 10, min: 1, max: 1_000 }, windowSeconds: MINUTE },
  clear:     { budget: 'clear', by: 'account', what: 'removals', count: { default: 5, min: 1, max: 1_000 }, windowSeconds: MINUTE },
  // Nothing can be guessed there: states, codes and tokens are random or signed. Whole offices share an address.
  federation: { budget: 'federation', by: 'address', what: 'sign-ins', count: { default: 60, min: 5, max: 10_000 }, windowSeconds: MINUTE },
  unlisted:  { budget: 'unlisted', by: 'account', what: 'requests for what is not there', count: { default: 100, min: 10, max: 100_000 }, windowSeconds: HOUR },
  'unlisted-by-address': { budget: 'unlisted', by: 'address', what: 'requests for what is not there', count: { default: 100, min: 10, max: 100_000 }, windowSeconds: HOUR, isApart: true },
  'back-channel': { budget: 'back-channel', by: 'address', what: 'notices', count: { default: 600, min: 10, max: 100_000 }, windowSeconds: MINUTE },
} as const satisfies Record<string, RateRow>
export type RateName = keyof typeof rates
export const rateNames = Object.keys(rates) as readonly RateName[]

/** Windows up to this length are forgotten by a restart: waiting for it to end takes no longer than the restart. */
export const shortWindowSeconds = MINUTE
/** What one process may give of each rate while the limiter that it shares with others is gone. With more than two processes, one over their number. */
export const insuranceShare = { default: 0.5, min: 0.05, max: 0.9 } as const satisfies Tunable

/** A budget warns from this share on, and gives no answer that would have to be shorter than so many tokens. An answer that grows beyond what is held for it takes so much more at a time. */
export const budgetRules = { warnAtShare: 0.8, leastAnswerTokens: 16, extendTokens: 256 } as const
/** Where nobody has counted: tokens that stand around each message. What a text has is in `kernel/estimate-tokens.ts`. */
export const tokenEstimate = { perMessage: 3 } as const
/**
 * How far a vendor's own count is believed: down to this share of the estimate; up to one token for each byte of what was sent, with what a
 * vendor may put around it, and to the longest answer that was asked for, or one token for each byte that came.
 */
export const believedCounts = { leastShare: 0.5, addedTokens: 2_000 } as const

/** Connections that are open at once, in all and of one address. */
export const connections = { all: { default: 10_000, min: 64, max: 1_000_000 }, perAddress: { default: 2_000, min: 8, max: 1_000_000 } } as const satisfies Record<string, Tunable>
/** For how long a client may take nothing of what is written to it, before its connection ends (NET-5): nginx, too, gives 60 seconds between two writes. */
export const slowReadSeconds = { default: 60, min: 5, max: 3_600 } as const satisfies Tunable
/** Connections that one server may hold to the scaled store. */
export const storeConnections = { default: 10, min: 2, max: 200 } as const satisfies Tunable
/** Answers that one account may have in flight. */
export const concurrentTurns = { default: 8, min: 1, max: 1_000 } as const satisfies Tunable
/** Characters of one question in a conversation; the gateway is bounded by its body and by tokens. */
export const questionCharacters = { default: 4_000, min: 100, max: 100_000 } as const satisfies Tunable
/** Messages of a conversation that go to a model again, and messages that it may hold (LIM-7). */
export const historyMessages = { default: 100, min: 2, max: 1_000 } as const satisfies Tunable
export const conversationMessages = { default: 1_000, min: 10, max: 100_000 } as const satisfies Tunable
/** Tokens of what was said before that go to a model again, by estimate; the oldest are left out first (LIM-7). */
export const historyTokens = { default: 32_000, min: 500, max: 2_000_000 } as const satisfies Tunable
/** Conversations that an account may have, and ephemeral ones of one API key and of all together (LIM-7). */
export const conversationCaps = {
  perAccount: { default: 10_000, min: 10, max: 10_000_000 },
  ephemeralByKey: { default: 50, min: 1, max: 1_000_000 },
  ephemeralInAll: { default: 1_000, min: 1, max: 10_000_000 },
} as const satisfies Record<string, Tunable>
/** Megabytes (10^6 bytes) of sealed conversations that an account may have stored. Answers under way when it is reached are still kept (LIM-7). */
export const storedMegabytes = { default: 1_000, min: 1, max: 1_000_000 } as const satisfies Tunable
/** Documents that an account may have, and that may be shared with everyone; and megabytes (10^6 bytes) of each as they are stored, sealed, with what the search needs of them (LIM-7). */
export const documentCaps = {
  perAccount: { default: 2_000, min: 1, max: 1_000_000 },
  accountMegabytes: { default: 200, min: 1, max: 1_000_000 },
  shared: { default: 20_000, min: 1, max: 10_000_000 },
  sharedMegabytes: { default: 2_000, min: 1, max: 10_000_000 },
} as const satisfies Record<string, Tunable>
/** What one collection may hold. */
export interface DocumentCap { readonly documents: number; readonly bytes: number }
/** Documents of one account that are read, cut and indexed at once: it is the server's work, and not the caller's. Whoever is refused comes back after so many seconds: the largest takes about one on a machine of two cores. */
export const concurrentDocuments = { default: 2, min: 1, max: 100 } as const satisfies Tunable
export const documentRetrySeconds = 5
export type ConversationCaps = Readonly<Record<keyof typeof conversationCaps, number>>
/** Tokens of one answer unless the caller asks for fewer (LIM-7). */
export const answerTokens = { default: 1_000, min: 16, max: 200_000 } as const satisfies Tunable
/** Characters that one answer may have in all, whatever the provider sends (PRV-7). */
export const answerCharacters = 1_000_000

/** From this length on, a text in which one character makes up more than the share is refused (VAL-2). */
export const repetition = { fromCharacters: 20, share: 0.8 } as const

/** Browser sessions end after so many minutes without a call, and after so many hours in any case (NIST SP 800-63B-4, section 2.2.3). */
export const sessionIdleMinutes = { default: 60, min: 5, max: 43_200 } as const satisfies Tunable
export const sessionHours = { default: 12, min: 1, max: 720 } as const satisfies Tunable
/** Browser sessions, and families of tokens, that one account may have; the one that was used longest ago goes. */
export const sessionsPerAccount = 100
/** For how long a proof of who one is counts as fresh. */
export const freshProof = { seconds: 600 } as const
/** Access tokens live so long; what may be wrong with a verifier's clock is not forgiven, because the verifier is this server. */
export const accessTokenLife = { seconds: 15 * 60 } as const
/** A family of refresh tokens ends after so many days without use, and after so many in any case. */
export const refreshIdleDays = { default: 7, min: 1, max: 90 } as const satisfies Tunable
export const refreshDays = { default: 30, min: 1, max: 365 } as const satisfies Tunable
/** Token-signing keys are replaced so often (SEC-10). */
export const signingKeyDays = { default: 90, min: 1, max: 365 } as const satisfies Tunable
/** How often a process that shares its store asks what others have revoked, and how long it trusts what it remembers without an answer. */
export const revocationPoll = { milliseconds: 250, trustMilliseconds: 750, keptSeconds: 3_600 } as const

/** The life of an API key in days, unless another is asked for; and the age of its value from which its owner is told to rotate it (IDN-8). */
export const keyLife = { days: 90, rotationDueDays: 90 } as const
/** Values of one key that may live beside each other: the newest and those in their time of grace. */
export const keyValues = 4
/** Keys of one account, revoked ones not counted. */
export const keysPerAccount = 1_000

/**
 * Tries of a password for one address of an account, in any window, from anywhere (S9, NIST SP 800-63B-4 section 3.2.2). Whoever comes with
 * a browser in which the owner has signed in before has all of them and no delays; strangers have fewer, so that they cannot keep the owner out.
 */
export const passwordTries = { count: 10, forStrangers: 8, windowSeconds: 3_600, delaySeconds: [0, 0, 0, 0, 5, 15, 60, 180], failures: 100, forgottenAfterDays: 30 } as const
/** For how long a browser in which somebody signed in counts as known. */
export const knownDevice = { seconds: 30 * 24 * 60 * 60 } as const
/** What the offline estimator must think a password to cost, in guesses: 10^10 is safe against one who has stolen its hash and is slow. */
export const passwordStrength = { guesses: 10_000_000_000, characters: 100, waitSeconds: 30, idleSeconds: 30, waiting: 300 } as const
/** Lives of one-time tokens. */
export const resetLife = { byMailSeconds: 30 * 60, byLinkSeconds: 24 * 60 * 60 } as const
export const verificationLife = { seconds: 24 * 60 * 60 } as const
export const signUpLife = { seconds: 24 * 60 * 60 } as const
/** How long after an answer what follows from it begins: so long, and up to so much longer by chance. */
export const mailDelay = { milliseconds: 20, spreadMilliseconds: 80 } as const
/** Mails of one kind or another to one address, and how many may wait to be sent. */
export const mailRate = { count: 5, windowSeconds: 3_600, waiting: 1_000, tries: 3, trySeconds: 30 } as const

/** How long a sign-in may wait for its second factor, and a browser for a passkey; and how many proofs one sign-in may try. */
export const factorChallenge = { seconds: 300, tries: 5 } as const
/**
 * Wrong codes in a row for one account, counted in the store. The first ones cost nothing; each further one is heard only after a wait,
 * which grows. So there are ten in an hour at most, and one in a day in the long run: three codes in a million are right at any moment.
 */
export const factorTries = { free: 5, delaySeconds: [60, 120, 300, 600, 1_200, 3_600, 21_600, 86_400] } as const
/** How long an authenticator app may wait for its first code. */
export const factorEnrolmentSeconds = 900
/** Second factors of one account. Every authenticator app more makes a guess as much likelier. */
export const factorsPerAccount = { totp: 3, passkey: 20 } as const
