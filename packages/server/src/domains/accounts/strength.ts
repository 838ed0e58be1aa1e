import { Worker } from 'node:worker_threads'
import { Password, type Strength } from '@sallyport/contract'
import { ProblemError } from '../../kernel/problem.ts'
import { passwordStrength } from '../../policy/limits.ts'
import type { EstimateReply, EstimateRequest } from './strength-protocol.ts'

/** What an attacker of this account would try first: its own address and name. */
export interface PasswordContext { readonly email?: string | null; readonly name?: string | null }

const SHORTEST_WORD = 3
const LONGER = 'Use a phrase of four or more words that do not belong together.'

/**
 * Judges passwords: length first, then an offline estimate of the guesses that they withstand, in which common passwords, words and the
 * account's own address and name count for little (NIST SP 800-63B-4 section 3.1.1, ASVS 6.2). The only judge, wherever a password is set.
 * `siteWords` are names of this server.
 */
export function createStrength(siteWords: () => readonly string[]) {
  const estimator = createEstimator()
  const judge = async (password: string, { email = null, name = null }: PasswordContext): Promise<Strength> => {
    const parsed = Password.safeParse(password)
    const problems: Strength['problems'] = parsed.success ? [] : password.length < 15 ? ['too-short'] : password.length > 256 ? ['too-long'] : ['repetitive']
    const { guesses, score, advice } = await estimator.estimate(password.normalize('NFKC').slice(0, passwordStrength.characters), wordsOf([email ?? '', name ?? '', ...siteWords()]))
    if (parsed.success && guesses < passwordStrength.guesses) problems.push('too-easy-to-guess')
    const acceptable = problems.length === 0
    return { acceptable, score: acceptable ? score : Math.min(score, 3), problems, advice: acceptable ? '' : parsed.success ? (advice === '' ? LONGER : advice) : parsed.error.issues[0]?.message ?? LONGER }
  }
  return {
    judge,
    /** Throws `weak-password` with advice for a password that is not taken, and `overloaded` when it could not be judged. */
    async require(password: string, context: PasswordContext): Promise<void> {
      const { acceptable, advice } = await judge(password, context)
      if (!acceptable) throw new ProblemError('weak-password', { detail: advice })
    },
    close: () => estimator.close(),
  }
}
export type PasswordStrength = ReturnType<typeof createStrength>

/** Words of an address, a name or a host: whole, and each part of them. */
function wordsOf(texts: readonly string[]): readonly string[] {
  const folded = texts.map((text) => text.normalize('NFKC').toLowerCase())
  return [...new Set([...folded, ...folded.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u))])].filter((word) => word.length >= SHORTEST_WORD)
}

/** The estimator's thread: begun when first asked, ended when nobody has asked for a while, or when it is stuck. What it does not answer is not taken. */
function createEstimator() {
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined
  let stuck: NodeJS.Timeout | undefined
  let lastId = 0
  const waiting = new Map<number, { readonly resolve: (reply: EstimateReply) => void; readonly reject: (error: Error) => void }>()
  const overloaded = () => new ProblemError('overloaded', { detail: 'The password could not be judged. Try again in a moment.' })

  const end = () => {
    const ending = worker
    worker = null
    clearTimeout(stuck)
    for (const { reject } of waiting.values()) reject(overloaded())
    waiting.clear()
    return ending?.terminate()
  }
  const watch = () => {
    clearTimeout(stuck)
    if (waiting.size > 0) stuck = setTimeout(() => { void end() }, passwordStrength.waitSeconds * 1_000)
  }
  const begin = (): Worker => {
    const begun = new Worker(new URL('./strength-worker.ts', import.meta.url), { name: 'sallyport-strength' })
    begun.unref()
    begun.on('message', (reply: EstimateReply) => { waiting.get(reply.id)?.resolve(reply) })
    begun.on('error', () => { if (worker === begun) void end() })
    return begun
  }
  return {
    async estimate(password: string, words: readonly string[]): Promise<EstimateReply> {
      if (waiting.size >= passwordStrength.waiting) throw overloaded()
      worker ??= begin()
      clearTimeout(idle)
      lastId += 1
      const id = lastId
      const { promise, resolve, reject } = Promise.withResolvers<EstimateReply>()
      waiting.set(id, { resolve, reject })
      if (waiting.size === 1) watch()
      worker.ref()
      worker.postMessage({ id, password, words } satisfies EstimateRequest)
      try {
        return await promise
      } finally {
        waiting.delete(id)
        watch()
        if (waiting.size === 0) {
          worker?.unref()
          idle = setTimeout(() => { void end() }, passwordStrength.idleSeconds * 1_000).unref()
        }
      }
    },
    async close(): Promise<void> {
      clearTimeout(idle)
      await end()
    },
  }
}
