import { askService, type ServiceAnswer } from '../../../kernel/ask-service.ts'
import type { EgressRequest } from '../../../ports/egress.ts'
import { VaultFailure, type VaultOpening } from '../../../ports/key-vault.ts'

const MOST_BYTES = 65_536

/** Calls a key service. Wrapping and unwrapping may be done twice without harm. Throws `VaultFailure` where no answer comes. */
export async function callService(service: string, { fetchConfigured }: Pick<VaultOpening, 'fetchConfigured'>, request: Omit<EgressRequest, 'signal'>): Promise<ServiceAnswer> {
  try {
    return await askService({ fetchConfigured, mostBytes: MOST_BYTES }, request)
  } catch (cause) {
    throw new VaultFailure(`The key service ${service} at ${request.url.origin} does not answer. Without it no data can be opened. Check that it runs and that this server reaches it.`, { cause })
  }
}
