import type { KeyLimits, KeyScopes } from '@sallyport/contract'

/** What an API key is limited to, beside what the role of its account allows. Whoever acts by a key, or by a token that a key was traded for, carries it; which key that is stands in `Caller.keyId`. */
export interface Restriction {
  readonly scopes: Readonly<KeyScopes>
  readonly limits: Readonly<KeyLimits>
}
