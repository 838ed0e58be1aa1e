import type { ReplyOf } from '@sallyport/contract'

/** An account as administrators see it. */
export type ManagedAccount = ReplyOf<'listAccounts'>['items'][number]
