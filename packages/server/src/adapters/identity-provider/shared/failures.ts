import * as client from 'openid-client'
import { EgressFailure } from '../../../ports/egress.ts'
import { IdentityProviderFailure } from '../../../ports/identity-provider.ts'

/** Errors of a token endpoint (RFC 6749, section 5.2) that only another setting mends. */
const SETTING_ERRORS: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'])
const ERROR_CODE = /^[\w-]{1,40}$/
const DEPTH = 5

/** What a library threw, as the port says it. Its words carry no value of a request or an answer. */
export function toFailure(error: unknown): IdentityProviderFailure {
  if (error instanceof IdentityProviderFailure) return error
  const egress = causesOf(error).find((cause) => cause instanceof EgressFailure)
  if (egress !== undefined) return new IdentityProviderFailure('unavailable', egress.message, { cause: error })
  if (error instanceof client.AuthorizationResponseError) return new IdentityProviderFailure('refused', `The provider answered ${codeOf(error.error)}.`, { cause: error })
  if (error instanceof client.ResponseBodyError) {
    const isSetting = SETTING_ERRORS.has(error.error)
    return new IdentityProviderFailure(isSetting ? 'misconfigured' : 'refused', `The provider's token endpoint answered ${codeOf(error.error)}.`, { cause: error })
  }
  if (error instanceof client.WWWAuthenticateChallengeError) return new IdentityProviderFailure('unavailable', `The provider answered ${error.status}.`, { cause: error })
  if (error instanceof client.ClientError) return new IdentityProviderFailure(ANSWER_CODES.has(error.code ?? '') ? 'refused' : 'unavailable', `${error.message}.`, { cause: error })
  return new IdentityProviderFailure('unavailable', 'The provider\'s answer could not be read.', { cause: error })
}

/** What openid-client says where an answer is well-formed and is not the one that was asked for. */
const ANSWER_CODES: ReadonlySet<string> = new Set(['OAUTH_INVALID_RESPONSE', 'OAUTH_JWT_CLAIM_COMPARISON_FAILED', 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED', 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', 'OAUTH_KEY_SELECTION_FAILED', 'OAUTH_PARSE_ERROR', 'OAUTH_UNSUPPORTED_OPERATION'])

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  for (let cause = error; cause instanceof Error && causes.length < DEPTH; cause = cause.cause) causes.push(cause)
  return causes
}

const codeOf = (code: string) => (ERROR_CODE.test(code) ? code : 'an error')
