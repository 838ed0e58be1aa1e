/** What stands in examples, and in files that nobody has filled in yet. */
const PLACEHOLDER = /^(?:your|my|the|insert|paste|enter|put)[-_ ].*(?:key|token|secret)|(?:key|token|secret)[-_ ]?(?:here|goes)|change[-_ ]?me|placeholder|replace[-_ ]?(?:me|this|with)|^[<{[].*[>}\]]$|x{6,}|\*{4,}|\.{3}|…|example/iu
/** Shorter ones may repeat themselves by chance. */
const REPEATED_FROM = 16
const LEAST_DIFFERENT = 5
/** What no header may carry, and no vendor gives. */
const NOT_A_KEY = /[^\u0021-\u007e]/u

/** Why a text cannot be a provider's key, with the mend; null when it may be one. Placeholders and published examples are none, nor is what no header takes. */
export const keyFormRefusal = (credential: string): string | null =>
  (NOT_A_KEY.test(credential) ? 'A key holds no spaces and no special letters. Copy it once more.'
    : PLACEHOLDER.test(credential) || repeatsItself(credential) || new Set(credential).size < LEAST_DIFFERENT ? 'This is a placeholder or a published example. Give the key that the provider gave you.' : null)

/** Whether it is the same again and again behind its prefix, such as sk-1234567890abcdef1234567890abcdef: then it stands in its own double before the end. */
function repeatsItself(credential: string): boolean {
  const secret = credential.slice(Math.max(credential.lastIndexOf('-'), credential.lastIndexOf('_')) + 1)
  return secret.length >= REPEATED_FROM && `${secret}${secret}`.indexOf(secret, 1) < secret.length
}
