import type { Handlers } from '../../kernel/handler.ts'
import type { Federation } from './service.ts'

interface Cookies { set(token: string, expiresAt: number): string; setDevice(token: string): string; setSignIn(sealed: string): string; clearSignIn(): string }

/** Signing in at a provider; the cookies' form is the edge's business. */
export const federationRoutes = (federation: Federation, cookies: Cookies) => ({
  listSignInProviders: () => federation.listForSignIn(),
  startFederatedSignIn: async ({ params, query, host }) => {
    const { url, cookie } = await federation.start({ providerName: params.providerName, host, ...query, purpose: { kind: 'sign-in' } })
    return { kind: 'navigation', to: url, by: 'redirect', cookies: [cookies.setSignIn(cookie)] }
  },
  finishFederatedSignIn: async ({ caller, params, query, signInCookie }) => {
    const { to, session } = await federation.finish(caller, { providerName: params.providerName, answer: new URLSearchParams(query), cookie: signInCookie })
    // By a page: the browser keeps the new session's cookie from the request that the other site began, and sends it with the next.
    return { kind: 'navigation', to, by: 'page', cookies: [cookies.clearSignIn(), ...(session === null ? [] : [cookies.set(session.token, session.expiresAt), cookies.setDevice(session.deviceToken)])] }
  },
  backChannelLogout: async ({ caller, params, body }) => {
    await federation.logOut(caller, params.providerName, body.logout_token)
    return { ok: true as const }
  },
  listIdentities: ({ caller }) => federation.listIdentities(caller),
  linkIdentity: async ({ caller, body, host }) => {
    const { url, cookie } = await federation.beginLink(caller, { ...body, host })
    return { kind: 'headed', reply: { url }, headers: { 'Set-Cookie': cookies.setSignIn(cookie) } }
  },
  unlinkIdentity: async ({ caller, params }) => { await federation.unlink(caller, params.identityId) },
  listIdentityProviders: () => federation.listProviders(),
  saveIdentityProvider: ({ caller, params, body }) => federation.save(caller, params.name, body),
  deleteIdentityProvider: async ({ caller, params }) => { await federation.remove(caller, params.name) },
}) satisfies Partial<Handlers>
