import { humanChecks as descriptors } from '../adapters/human-check/index.ts'
import { ConfigProblem, type Config } from '../config/load.ts'
import { createHumanChecks } from '../domains/human-checks/index.ts'
import type { Penalties } from '../domains/penalties/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Egress } from '../kernel/egress.ts'
import type { Sealer } from '../kernel/seal.ts'
import { humanCheckRules } from '../policy/human-check.ts'
import type { Rates } from './rates.ts'

/** With a space, which no model provider's name has. */
const HOLDER = 'the human check'

interface HumanCheckParts { readonly config: Config; readonly clock: Clock; readonly egress: Egress; readonly serverSealer: Sealer; readonly penalties: Penalties; readonly rates: Pick<Rates, 'kept'> }

/** The configured kind of human check, with what the page must load for it. Throws `ConfigProblem`. */
export function composeHumanChecks({ config: { humanCheck }, clock, egress, serverSealer, penalties, rates }: HumanCheckParts) {
  const { kind, siteKey, credential, baseUrl, allowPrivateAddress, counters, signUp } = humanCheck
  const descriptor = descriptors.find(({ id }) => id === kind)
  const settings = { ...(siteKey !== undefined && { siteKey }), ...(credential !== null && { credential }), ...(baseUrl !== undefined && { baseUrl }) }
  const parsed = descriptor?.config.safeParse(settings)
  if (descriptor === undefined || parsed?.success !== true) throw new ConfigProblem([`humanCheck.kind: the settings do not fit ${kind}. Remove those that it does not have.`])
  const asks = descriptor.asks(parsed.data)
  if (asks !== null) egress.list(HOLDER, { origin: asks, allowPrivateAddress })
  const check = descriptor.create(parsed.data, {
    fetchConfigured: egress.fetchFor(HOLDER), now: clock.now, lifeSeconds: humanCheckRules.lifeSeconds, deriveKey: (purpose) => serverSealer.derive(purpose).export().toString('hex'),
  })
  return {
    foreign: descriptor.foreign(parsed.data),
    ...createHumanChecks({ check, penalties, used: rates.kept, key: serverSealer.derive('human check purposes'), counters, signUpAlways: signUp === 'always' }),
  }
}
