import type { Handlers } from '../../kernel/handler.ts'
import type { Tokens } from './service.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Others may keep the key set for so long; a token of a newer key makes them ask again. */
const KEPT_SECONDS = 300

export const tokenRoutes = (tokens: Tokens, signingKeys: SigningKeys) => ({
  issueToken: ({ caller, body, host }) => tokens.issue(caller, body, host),
  revokeToken: async ({ caller, body }) => {
    await tokens.revoke(caller, body.token)
    return {}
  },
  getKeySet: async () => ({ kind: 'headed', reply: { keys: await signingKeys.published() }, headers: { 'Cache-Control': `public, max-age=${KEPT_SECONDS}` } }),
  rotateSigningKey: async ({ caller, body }) => {
    await signingKeys.rotate(caller, body.endOld)
    return { keys: await signingKeys.published() }
  },
}) satisfies Partial<Handlers>
