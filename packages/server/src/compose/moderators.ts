import { localRules } from '../adapters/moderator/local-rules/index.ts'
import { moderators as descriptors } from '../adapters/moderator/index.ts'
import { ConfigProblem, type Config } from '../config/load.ts'
import type { Egress } from '../kernel/egress.ts'
import type { Moderators } from '../turn/moderation.ts'

/** With a space, which no model provider's name has. */
const HOLDER = 'the moderator'

/** The local rules always, and the configured moderator beside them. Throws `ConfigProblem`. */
export function composeModerators(config: Config, egress: Egress): Moderators {
  const deps = { fetchConfigured: egress.fetchFor(HOLDER) }
  const local = [localRules.create({}, deps)]
  const { kind, baseUrl, credential, model, allowPrivateAddress } = config.moderation
  if (kind === 'local-rules') return { local, remote: [] }
  const descriptor = descriptors.find(({ id }) => id === kind)
  const parsed = descriptor?.config.safeParse({ baseUrl, ...(credential !== null && { credential }), ...(model !== undefined && { model }) })
  if (descriptor === undefined || parsed?.success !== true || baseUrl === undefined) throw new ConfigProblem([`moderation.baseUrl: give the address of the ${kind} endpoint, such as https://api.openai.com/v1.`])
  egress.list(HOLDER, { origin: new URL(baseUrl), allowPrivateAddress })
  return { local, remote: [descriptor.create(parsed.data, deps)] }
}
