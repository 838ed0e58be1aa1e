import { secretSources } from '../adapters/secret-source/index.ts'
import type { FetchSecrets, ReferenceSettings } from '../config/load.ts'
import { REMOTE_REFERENCE } from '../config/schema.ts'
import { systemClock } from '../kernel/clock.ts'
import { createEgress } from '../kernel/egress.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import { SecretSourceFailure, type SecretSource, type SecretSourceDeps } from '../ports/secret-source.ts'

type Service = keyof typeof secretSources

/** Reads what references name out of the services that keep it, over a way out of its own: it is needed before anything else runs. Each failure is told with its reference. */
export const fetchSecrets: FetchSecrets = async (settings, references) => {
  const values: Record<string, string> = {}
  const problems: string[] = []
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  try {
    for (const service of ['vault', 'aws'] as const) {
      const own = references.filter((reference) => reference.startsWith(`${service}:`))
      if (own.length === 0) continue
      const origin = addressOf(settings, service)
      egress.list(service, { origin: new URL(origin), allowPrivateAddress: settings.allowPrivateAddress })
      const source = open(settings, service, { fetchConfigured: egress.fetchFor(service) })
      if (typeof source === 'string') { problems.push(source); continue }
      for (const reference of own) {
        const [, , name = '', field = null] = REMOTE_REFERENCE.exec(reference) ?? []
        const value = await source.read({ name, field }).catch(toProblem)
        if (typeof value === 'string') problems.push(`${reference}: ${value}`)
        else if (value === null) problems.push(`${reference}: nothing is kept there under that name and field. Put it there, or mend the reference.`)
        else values[reference] = value.reveal()
      }
    }
    return { values, problems }
  } finally {
    await egress.close()
  }
}

const addressOf = (settings: ReferenceSettings, service: Service): string =>
  (service === 'vault' ? settings.vaultAddress ?? 'https://127.0.0.1:8200' : settings.awsAddress ?? `https://secretsmanager.${settings.awsRegion}.amazonaws.com/`)

/** The source, or what is missing for it. */
function open(settings: ReferenceSettings, service: Service, deps: SecretSourceDeps): SecretSource | string {
  const { vaultToken, awsAccessKeyId, awsSecretAccessKey, awsSessionToken } = settings.secrets
  if (service === 'vault') {
    if (vaultToken === null) return 'references.vaultToken: a reference begins with vault:, and no token is set. Set it to file:/path or env:NAME.'
    return secretSources.vault.create({ address: addressOf(settings, service), token: vaultToken, namespace: settings.vaultNamespace ?? null }, deps)
  }
  if (awsAccessKeyId === null || awsSecretAccessKey === null) return 'references.awsAccessKeyId, references.awsSecretAccessKey: a reference begins with aws:, and they are not set. Set each to file:/path or env:NAME.'
  return secretSources.aws.create({ region: settings.awsRegion, endpoint: settings.awsAddress ?? null, accessKeyId: awsAccessKeyId, secretAccessKey: awsSecretAccessKey, sessionToken: awsSessionToken }, deps)
}

function toProblem(error: unknown): string {
  if (error instanceof SecretSourceFailure) return error.message
  throw error
}
