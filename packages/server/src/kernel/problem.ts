import { problems, type HumanCheckOffer, type Problem, type ProblemCode } from '@sallyport/contract'

type Member = string | number | boolean | readonly string[] | readonly Readonly<Record<string, string>>[] | HumanCheckOffer

export interface ProblemOptions {
  /** Shown to the caller. Say what to do next; never include a secret, a path or a vendor message. */
  readonly detail?: string
  /** Extension members, RFC 9457 section 3.2. */
  readonly members?: Readonly<Record<string, Member>>
  /** Which of several reasons of one code it is, for policy; never sent. */
  readonly of?: string
  /** Logged, never sent. */
  readonly cause?: unknown
}

/** The only error that leaves a domain. Anything else is a bug and becomes `internal`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ProblemCode
  readonly detail: string | undefined
  readonly members: Readonly<Record<string, Member>>
  readonly of: string | undefined

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const row: { readonly title: string; readonly advice?: string } = problems[code]
    const detail = options.detail ?? row.advice
    super(detail ?? row.title, { cause: options.cause })
    this.code = code
    this.detail = detail
    this.members = options.members ?? {}
    this.of = options.of
  }
}

/** What Fastify and Node say before any of our code runs. Anything not listed here is `internal`. */
const frameworkProblems: Readonly<Record<string, { code: ProblemCode; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too-large', detail: 'Send a smaller body.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported-media-type', detail: 'Send the body as application/json.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid-request', detail: 'The body is not valid JSON.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid-request', detail: 'Send a JSON body, or leave out the Content-Type.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid-request', detail: 'The Content-Length does not fit the body.' },
  FST_ERR_BAD_URL: { code: 'invalid-request', detail: 'The address is not a valid URL.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'invalid-request', detail: 'A part of the address is too long.' },
}

/** Turns anything thrown into the one error that callers see. */
export function toProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const known = error instanceof Error && 'code' in error ? frameworkProblems[String(error.code)] : undefined
  if (known !== undefined) return new ProblemError(known.code, { detail: known.detail, cause: error })
  if (error instanceof SyntaxError && 'statusCode' in error && error.statusCode === 400) {
    return new ProblemError('invalid-request', { detail: 'The body is not valid JSON.', cause: error })
  }
  return new ProblemError('internal', { detail: 'Try again. If it stays so, give the request id to your administrator.', cause: error })
}

/** The body of RFC 9457. `instance` carries the correlation id. */
export function toProblem(error: ProblemError, correlationId: string): Problem {
  const { status, title } = problems[error.code]
  return {
    type: `/problems/${error.code}`, title, status, instance: `urn:request:${correlationId}`, code: error.code,
    ...(error.detail !== undefined && { detail: error.detail }),
    ...error.members,
  }
}

const openAiTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error', 402: 'insufficient_quota', 403: 'permission_error', 429: 'rate_limit_error',
}
/** Codes for which OpenAI's clients have a word of their own. */
const openAiCodes: Partial<Readonly<Record<ProblemCode, string>>> = {
  'not-signed-in': 'invalid_api_key', 'model-not-found': 'model_not_found', 'too-many-requests': 'rate_limit_exceeded', 'budget-spent': 'insufficient_quota',
}

/** The words of RFC 6749 (sections 5.2 and 4.1.2.1) and RFC 7009 (section 2.2.1) for what can go wrong at the token endpoint. */
const tokenErrors: Partial<Readonly<Record<ProblemCode, string>>> = {
  'invalid-grant': 'invalid_grant', 'wrong-second-factor': 'invalid_grant', 'sign-in-expired': 'invalid_grant', 'invalid-client': 'invalid_client', 'not-signed-in': 'invalid_client',
  'address-not-allowed': 'unauthorized_client', 'unsupported-grant': 'unsupported_grant_type', 'unsupported-token': 'unsupported_token_type', 'second-factor-needed': 'second_factor_needed', 'human-check-needed': 'human_check_needed', 'human-check-unavailable': 'temporarily_unavailable',
  'too-many-requests': 'temporarily_unavailable', 'overloaded': 'temporarily_unavailable', 'shutting-down': 'temporarily_unavailable', 'storage-unavailable': 'temporarily_unavailable',
}

/** The same problem in the form of RFC 6749, section 5.2, for the token endpoint: with our code and id beside the standard's members. */
export function toTokenError(error: ProblemError, correlationId: string) {
  const { status, title } = problems[error.code]
  return {
    error: tokenErrors[error.code] ?? (status < 500 ? 'invalid_request' : 'server_error'),
    // Printable ASCII without quotes and backslashes is all that the standard allows here.
    error_description: (error.detail === undefined ? `${title}.` : `${title}. ${error.detail}`).replaceAll(/["\\]|[^\x20-\x7e]/g, "'"),
    code: error.code, request_id: correlationId, ...error.members,
  }
}

/** The same problem in OpenAI's form, for the paths under `/v1/`. */
export function toOpenAiError(error: ProblemError, correlationId: string) {
  const { status, title } = problems[error.code]
  const pointer = Array.isArray(error.members['errors']) ? (error.members['errors'] as readonly Readonly<Record<string, string>>[])[0]?.['pointer'] : undefined
  return {
    error: {
      message: error.detail === undefined ? `${title}.` : `${title}. ${error.detail}`,
      type: openAiTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
      param: pointer === undefined ? null : pointer.slice(1).replaceAll('/', '.'),
      code: openAiCodes[error.code] ?? error.code,
      request_id: correlationId,
    },
  }
}
