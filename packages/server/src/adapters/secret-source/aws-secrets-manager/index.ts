import * as z from 'zod'
import { signAws } from '../../../kernel/sign-aws.ts'
import { Secret } from '../../../kernel/secret.ts'
import { SecretSourceFailure, type SecretSourceDescriptor } from '../../../ports/secret-source.ts'
import { ask } from '../shared/ask.ts'

const config = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/), endpoint: z.url({ protocol: /^https?$/ }).nullable(),
  accessKeyId: z.instanceof(Secret), secretAccessKey: z.instanceof(Secret), sessionToken: z.instanceof(Secret).nullable(),
})
const Kept = z.object({ SecretString: z.string() })
const Fields = z.record(z.string(), z.unknown())
const Refused = z.object({ __type: z.string() })
const SERVICE = 'AWS Secrets Manager'

/** AWS Secrets Manager: the current version of a secret, or one field of it where it is JSON, as the console makes them. */
export const awsSecretsManagerSource = {
  id: 'aws',
  title: 'AWS Secrets Manager',
  config,
  create: ({ region, endpoint, ...credentials }, deps) => ({
    async read({ name, field }) {
      const url = new URL(endpoint ?? `https://secretsmanager.${region}.amazonaws.com/`)
      const body = JSON.stringify({ SecretId: name })
      const headers = await signAws({ service: 'secretsmanager', region, url, method: 'POST', body, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' } }, credentials)
      const answer = await ask(SERVICE, deps, { url, method: 'POST', body, headers })
      const kept = Kept.safeParse(answer.body)
      if (answer.status === 200 && kept.success) return valueOf(kept.data.SecretString, field)
      const type = Refused.safeParse(answer.body).data?.__type.split('#').at(-1) ?? `status ${answer.status}`
      if (type === 'ResourceNotFoundException') return null
      throw new SecretSourceFailure(`${SERVICE} does not give ${name} (${type}). The credentials need secretsmanager:GetSecretValue on it, and the clock of this machine must be right.`)
    },
  }),
} as const satisfies SecretSourceDescriptor<z.output<typeof config>>

function valueOf(text: string, field: string | null): Secret | null {
  if (field === null) return new Secret(text)
  try {
    const value = Fields.parse(JSON.parse(text))[field]
    return typeof value === 'string' ? new Secret(value) : null
  } catch {
    return null
  }
}
