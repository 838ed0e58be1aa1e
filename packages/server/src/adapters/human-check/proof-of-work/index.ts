import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { ProofOfWorkChallenge, ProofOfWorkSolution } from '@sallyport/contract'
import { createChallenge, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import * as z from 'zod'
import type { HumanCheckDescriptor, HumanCheckPurpose, HumanVerdict } from '../../../ports/human-check.ts'

/**
 * Rounds of PBKDF2 for each try: so many that a browser, which calls native code for them, pays little more than a program would (0.2 ms for
 * either on the reference machine), and so few that making a challenge, which is one try, costs the server no more than that.
 */
const ROUNDS = 1_000
const ALGORITHM = 'PBKDF2/SHA-256'
const config = z.strictObject({})
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Proof of work in the ALTCHA scheme, version 2, made and checked here: no third party learns of anybody. The challenge says in signed
 * parameters how hard it is, for what and whom, and until when; nothing is kept of it, and checking it costs three HMACs.
 */
export const proofOfWork: HumanCheckDescriptor<z.output<typeof config>> = {
  id: 'proof-of-work',
  title: 'Proof of work',
  config,
  asks: () => null,
  foreign: () => ({ frames: [] }),
  create(_config, { deriveKey: keyFor, now, lifeSeconds }) {
    const keys = { hmacSignatureSecret: keyFor('human check'), hmacKeySignatureSecret: keyFor('human check solutions') }
    return {
      async offer({ bound }, counters) {
        const challenge = await createChallenge({
          ...keys, algorithm: ALGORITHM, cost: ROUNDS, counter: randomInt(1, counters + 1), deriveKey, expiresAt: Math.ceil(now() / 1_000) + lifeSeconds, data: { bound, counters },
        })
        return { kind: 'proof-of-work', challenge: ProofOfWorkChallenge.parse(challenge) }
      },
      async judge(answer, purpose) {
        const payload = read(answer)
        if (payload === null) return { outcome: 'robot' }
        const { challenge, solution } = payload
        const { verified, expired } = await verifySolution({ ...keys, challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey }, deriveKey })
        // What is over is not looked at more closely: it is refused in any case.
        if (expired) return { outcome: 'stale' }
        if (!verified || !isFor(purpose, challenge)) return { outcome: 'robot' }
        // The library goes by the wall's clock.
        if (challenge.parameters.expiresAt * 1_000 < now()) return { outcome: 'stale' }
        return { outcome: 'human', id: createHash('sha256').update(challenge.signature).digest('base64url') } satisfies HumanVerdict
      },
    }
  },
}

function read(answer: string): ProofOfWorkSolution | null {
  if (!BASE64.test(answer)) return null
  try {
    return ProofOfWorkSolution.safeParse(JSON.parse(Buffer.from(answer, 'base64').toString('utf8'))).data ?? null
  } catch {
    return null
  }
}

const isFor = ({ bound }: HumanCheckPurpose, { parameters }: ProofOfWorkChallenge): boolean => {
  const [expected, given] = [Buffer.from(bound), Buffer.from(parameters.data.bound)]
  return expected.byteLength === given.byteLength && timingSafeEqual(expected, given)
}
