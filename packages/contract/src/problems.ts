import * as z from 'zod'
import { HumanCheckOffer } from './schemas/human-check.ts'

/** Every way a request can fail, and what the caller is told. One row per code; `type` on the wire is `/problems/CODE` (RFC 9457). */
export const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-grant': { status: 400, title: 'The grant does not hold' },
  'unsupported-grant': { status: 400, title: 'There is no such grant' },
  'unsupported-token': { status: 400, title: 'This kind of token cannot be revoked here' },
  'not-signed-in': { status: 401, title: 'Sign in to continue' },
  'invalid-client': { status: 401, title: 'The client did not prove itself' },
  'second-factor-needed': { status: 401, title: 'A second factor is needed' },
  'wrong-second-factor': { status: 401, title: 'That proof was not accepted' },
  'sign-in-expired': { status: 401, title: 'This sign-in cannot go on' },
  'wrong-credentials': { status: 401, title: 'The e-mail address or the password is wrong' },
  'budget-spent': { status: 402, title: 'The budget is spent' },
  'not-allowed': { status: 403, title: 'You may not do this' },
  'fresh-sign-in-needed': { status: 403, title: 'Prove again that it is you', advice: 'Give your password, and your second factor where you have one, then try again.' },
  'second-factor-enrolment-needed': { status: 403, title: 'Your role needs a second factor', advice: 'Add a second factor to your account, then go on.' },
  'password-change-needed': { status: 403, title: 'A new password is needed', advice: 'Choose a new password, then go on.' },
  banned: { status: 403, title: 'You are kept out for a while' },
  'human-check-needed': { status: 403, title: 'Show that you are not a program', advice: 'Solve the check that comes with this answer, then send the same call again with the solution in the header Sallyport-Human-Check.' },
  'address-not-allowed': { status: 403, title: 'This may not be used from here' },
  'cross-site': { status: 403, title: 'The request came from another site' },
  'set-up-closed': { status: 403, title: 'Set-up is closed' },
  'federated-sign-in-refused': { status: 403, title: 'The sign-in with the provider did not succeed', advice: 'Start again from the sign-in page. If it goes on, tell your administrator.' },
  'identity-email-unverified': { status: 403, title: 'The provider does not vouch for this e-mail address', advice: 'Verify the address at the provider, or sign in another way and link the provider on your account page.' },
  'identity-not-linked': { status: 403, title: 'No account goes with this identity', advice: 'Sign in another way and link the provider on your account page, or ask for an invitation.' },
  'conversation-access-needed': { status: 403, title: 'These conversations are closed to you', advice: 'Open access with a reason first. Their owner will see it.' },
  'not-found': { status: 404, title: 'Nothing was found here', advice: 'It does not exist, or it is not yours. Check the address and the id.' },
  'model-not-found': { status: 404, title: 'There is no such model' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  'not-acceptable': { status: 406, title: 'The answer cannot be given in that form' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'This does not fit the present state' },
  'set-up-needed': { status: 409, title: 'Sallyport has no owner yet' },
  'history-unreadable': { status: 409, title: 'This conversation cannot go on', advice: 'Something in it was damaged in the store and cannot be read, and no answer is made from what is left of it. Begin a new conversation, clear this one\'s messages, or have an administrator put it back from a backup.' },
  'mail-unavailable': { status: 409, title: 'This server sends no mail' },
  'link-ended': { status: 410, title: 'This link has ended', advice: 'It was used, has run out, or there is a newer one. Ask for a new one.' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The request has a form that this address does not read' },
  'wrong-host': { status: 421, title: 'This server does not answer under that name' },
  'weak-password': { status: 422, title: 'The password is too easy to guess' },
  'content-blocked': { status: 422, title: 'The message was not sent' },
  'challenge-needed': { status: 422, title: 'The message needs a second look' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'provider-error': { status: 502, title: 'The model provider gave an error' },
  'hook-failed': { status: 502, title: 'The program that makes keys gave none' },
  'identity-provider-error': { status: 502, title: 'The identity provider did not answer as it should', advice: 'Try again in a moment. If it goes on, tell your administrator.' },
  'human-check-unavailable': { status: 503, title: 'The check could not be made' },
  'provider-unavailable': { status: 503, title: 'The model did not answer' },
  overloaded: { status: 503, title: 'The server is busy' },
  'shutting-down': { status: 503, title: 'The server is stopping' },
  'storage-unavailable': { status: 503, title: 'The server cannot store this now' },
  'storage-full': { status: 507, title: 'The server has no room left to store this' },
} as const satisfies Record<string, { status: number; title: string; advice?: string }>

export type ProblemCode = keyof typeof problems

/** True for a code of the catalogue. */
export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code)

/** The body of every error under our own API: RFC 9457, `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** `urn:request:ID`; the same id is in the `X-Request-Id` header and in the log. */
  instance: z.string(),
  code: z.string(),
  /** What to do next. Safe to show. */
  detail: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  /** With `banned`: until when, and the id by which an operator finds it. */
  until: z.string().optional(),
  ban: z.string().optional(),
  /** The fields that were refused, as JSON Pointers, with the reason. */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  /** With `second-factor-needed`: names this sign-in to `completeSignIn`, once and for five minutes. */
  challenge: z.string().optional(),
  /** With `second-factor-needed`: what the account can prove it with. */
  factors: z.array(z.string()).optional(),
  /** With `human-check-needed`: what to solve. */
  humanCheck: HumanCheckOffer.optional(),
})
export type Problem = z.output<typeof Problem>
