import { askService, type ServiceAnswer } from '../../../kernel/ask-service.ts'
import type { EgressRequest } from '../../../ports/egress.ts'
import { SecretSourceFailure, type SecretSourceDeps } from '../../../ports/secret-source.ts'

const MOST_BYTES = 131_072

/** Asks a service that keeps secrets; reading may be done twice. Throws `SecretSourceFailure` where no answer comes. */
export async function ask(service: string, { fetchConfigured }: SecretSourceDeps, request: Omit<EgressRequest, 'signal'>): Promise<ServiceAnswer> {
  try {
    return await askService({ fetchConfigured, mostBytes: MOST_BYTES }, request)
  } catch (cause) {
    throw new SecretSourceFailure(`${service} at ${request.url.origin} does not answer. Check that it runs and that this server reaches it.`, { cause })
  }
}
