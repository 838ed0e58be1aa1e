import type { ReplyOf } from '@sallyport/contract'

/** What is given when a second factor was added: recovery codes too, with the first one. */
export type Enrolled = ReplyOf<'addPasskey'>
