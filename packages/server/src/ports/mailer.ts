import type * as z from 'zod'
import type { CheckedSocket } from '../kernel/egress-socket.ts'

/** One mail in plain text. The port refuses an address or a subject that is more than one line. */
export interface Mail { readonly to: string; readonly subject: string; readonly text: string }

/**
 * `accepted`: the next server has it, or the file is durable. `refused`: this mail will never go, so it is not tried again.
 * `unavailable`: it may go later. Causes are for the log; they name no address and no text of the mail.
 */
export type MailAnswer = { readonly outcome: 'accepted' } | { readonly outcome: 'refused' | 'unavailable'; readonly cause: unknown }

/** Sends mail. */
export interface Mailer {
  /** Never throws but for an abort: then the signal's reason. */
  send(mail: Mail, signal: AbortSignal): Promise<MailAnswer>
}

export interface MailerDeps {
  /** A connection to the configured mail server under the rules of egress: to allowed addresses alone. Throws `EgressFailure`. */
  readonly connect: (signal: AbortSignal) => Promise<CheckedSocket>
  /** Where ids of mails come from. */
  readonly newId: () => string
  readonly now: () => number
}
export interface MailerDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  /** Whether it goes out over the network, so that a host must be listed for it. */
  readonly remote: boolean
  readonly config: z.ZodType<Config>
  create(config: Config, deps: MailerDeps): Mailer
}
