/** What stands in examples, and in files that nobody has filled in yet. */
const PLACEHOLDER = /^(?:your|my|the|insert|paste|enter|put)[-_ ].*(?:key|token|secret)|(?:key|token|secret)[-_ ]?(?:here|goes)|change[-_ ]?me|placeholder|replace[-_ ]?(?:me|this|with)|^[<{[].*[>}\]]$|x{6,}|\*{4,}|\.{3}|…|example/iu
const LEAST_DIFFERENT = 5
/** What no header may carry, and no vendor gives. */
const NOT_A_KEY = /[^\u0021-\u007e]/u

/** Why a text cannot be a provider's key, with the mend; null when it may be one. Placeholders and published examples are none, nor is what no header takes. */
export const keyFormRefusal = (credential: string): string | null =>
  (NOT_A_KEY.test(credential) ? 'A key holds no spaces and no special letters. Copy it once more.'
    : PLACEHOLDER.test(credential) || new Set(credential).size < LEAST_DIFFERENT ? 'This is a placeholder or a published example. Give the key that the provider gave you.' : null)
