import { ProblemError } from '../../kernel/problem.ts'

/** What stands in examples, and in files that nobody has filled in yet. */
const PLACEHOLDER = /^(?:your|my|the|insert|paste|enter|put)[-_ ].*(?:key|token|secret)|(?:key|token|secret)[-_ ]?(?:here|goes)|change[-_ ]?me|placeholder|replace[-_ ]?(?:me|this|with)|^[<{[].*[>}\]]$|x{6,}|\*{4,}|\.{3}|…|example/iu
const LEAST_DIFFERENT = 5
/** What no header may carry, and no vendor gives. */
const NOT_A_KEY = /[^\u0021-\u007e]/u

/** Refuses what cannot be a key: placeholders and published examples, and what holds white space or letters that no header takes. Throws `invalid-request`. */
export function requireKeyForm(credential: string): void {
  const detail = NOT_A_KEY.test(credential) ? 'A key holds no spaces and no special letters. Copy it once more.'
    : PLACEHOLDER.test(credential) || new Set(credential).size < LEAST_DIFFERENT ? 'This is a placeholder or a published example. Give the key that the provider gave you.' : null
  if (detail !== null) throw new ProblemError('invalid-request', { detail: `credential: ${detail}`, members: { errors: [{ pointer: '/credential', detail }] } })
}
