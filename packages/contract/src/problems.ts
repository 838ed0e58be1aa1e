import * as z from 'zod'

/** Every way a request can fail, and what the caller is told. One row per code; `type` on the wire is `/problems/CODE` (RFC 9457). */
export const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'not-signed-in': { status: 401, title: 'Sign in to continue' },
  'wrong-credentials': { status: 401, title: 'The e-mail address or the password is wrong' },
  'budget-spent': { status: 402, title: 'The budget is spent' },
  'not-allowed': { status: 403, title: 'You may not do this' },
  'cross-site': { status: 403, title: 'The request came from another site' },
  'set-up-closed': { status: 403, title: 'Set-up is closed' },
  'not-found': { status: 404, title: 'Nothing was found here', advice: 'It does not exist, or it is not yours. Check the address and the id.' },
  'model-not-found': { status: 404, title: 'There is no such model' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  'not-acceptable': { status: 406, title: 'The answer cannot be given in that form' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'This does not fit the present state' },
  'set-up-needed': { status: 409, title: 'Sallyport has no owner yet' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The request has a form that this address does not read' },
  'wrong-host': { status: 421, title: 'This server does not answer under that name' },
  'content-blocked': { status: 422, title: 'The message was not sent' },
  'challenge-needed': { status: 422, title: 'The message needs a second look' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'provider-error': { status: 502, title: 'The model provider gave an error' },
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
  /** The fields that were refused, as JSON Pointers, with the reason. */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})
export type Problem = z.output<typeof Problem>
