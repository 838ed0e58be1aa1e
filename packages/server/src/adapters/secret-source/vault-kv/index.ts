import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'
import { SecretSourceFailure, type SecretSourceDescriptor } from '../../../ports/secret-source.ts'
import { ask } from '../shared/ask.ts'

const config = z.strictObject({ address: z.url({ protocol: /^https?$/ }), token: z.instanceof(Secret), namespace: z.string().max(200).nullable() })
const Kept = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) })
const SERVICE = 'Vault'

/** The key-value engine, version 2, of a Vault-style service (HashiCorp Vault, OpenBao). The first part of a name is the engine's mount. */
export const vaultKvSource = {
  id: 'vault',
  title: 'Vault-style key-value store',
  config,
  create: ({ address, token, namespace }, deps) => ({
    async read({ name, field }) {
      const [mount = '', ...path] = name.split('/')
      const { status, body } = await ask(SERVICE, deps, {
        url: new URL(`v1/${mount}/data/${path.join('/')}`, address.endsWith('/') ? address : `${address}/`), method: 'GET',
        headers: { 'x-vault-token': token.reveal(), 'x-vault-request': 'true', ...(namespace !== null && { 'x-vault-namespace': namespace }) },
      })
      if (status === 404) return null
      if (status === 403) throw new SecretSourceFailure(`${SERVICE} refuses the token. Give it a policy with read on ${mount}/data/${path.join('/')}, or renew it.`)
      const kept = Kept.safeParse(body)
      if (status !== 200 || !kept.success) throw new SecretSourceFailure(`${SERVICE} answers ${status}, and no secret of a key-value engine of version 2.`)
      const value = kept.data.data.data[field ?? 'value']
      return typeof value === 'string' ? new Secret(value) : null
    },
  }),
} as const satisfies SecretSourceDescriptor<z.output<typeof config>>
