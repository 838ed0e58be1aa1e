import type { KeyLimits, KeyScopes } from '@sallyport/contract'

/** What an API key is limited to, beside what the role of its account allows. Whoever acts by a key, or by a token that a key was traded for, carries it. */
export interface Restriction {
  readonly keyId: string
  readonly scopes: Readonly<KeyScopes>
  readonly limits: Readonly<KeyLimits>
}
