import type { Role } from '@sallyport/contract'

/** What is read of an account with every credential that stands for it: what it may do now, and what it owes. */
export interface Standing {
  readonly accountId: string
  readonly role: Role
  /** `service`: it has no person, and acts by its keys alone. */
  readonly kind: 'person' | 'service'
  readonly hasSecondFactor: boolean
  readonly passwordChangeNeeded: boolean
}
