import { hash } from 'node:crypto'
import { Recent } from '../kernel/recent.ts'
import { cookieIn } from './cookies.ts'
import type { Visit } from './visit.ts'

const KEPT = 20_000

/**
 * Credentials that held when they were last looked up, by their digests: those of people and programs that must not be kept waiting by a
 * flood of guesses from the address that they share. It opens nothing: each is looked up again at each call.
 */
export function createKnownCredentials(cookieName: () => string) {
  const known = new Recent<true>(KEPT)
  /** The digest of what a request brings as its credential; null where it brings none. */
  const digestOf = ({ request: { headers } }: Visit): string | null => {
    const session = cookieIn(headers.cookie, cookieName())
    if (session === null && headers.authorization === undefined && headers['x-api-key'] === undefined) return null
    return hash('sha256', `${session ?? ''}\n${headers.authorization ?? ''}\n${String(headers['x-api-key'] ?? '')}`, 'base64')
  }
  return {
    /** How much is known of who calls, before anybody is identified. */
    read(visit: Visit): 'nobody' | 'unproved' | 'known' {
      visit.credentialDigest = digestOf(visit)
      return visit.credentialDigest === null ? 'nobody' : known.get(visit.credentialDigest) === undefined ? 'unproved' : 'known'
    },
    /** Takes up what came of the look-up. */
    learn({ credentialDigest, caller }: Visit): void {
      if (credentialDigest === null) return
      if (caller.scope !== null) known.set(credentialDigest, true)
      else known.delete(credentialDigest)
    },
  }
}
export type KnownCredentials = ReturnType<typeof createKnownCredentials>
