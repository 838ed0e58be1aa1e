import { signInLife } from '../policy/federation.ts'
import { knownDevice } from '../policy/limits.ts'

/** The cookie that binds a sign-in at a provider to a browser, beside the session cookie of that name. */
export const signInCookieName = (sessionCookieName: string): string => `${sessionCookieName}-sign-in`

/** The cookie by which a browser that signed in before is known again. */
export const deviceCookieName = (sessionCookieName: string): string => `${sessionCookieName}-device`

/** The value of one cookie; null when it is absent or sent twice. */
export function cookieIn(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  const values = header.split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${name}=`))
  return values.length === 1 ? values[0]?.slice(name.length + 1) ?? null : null
}

/**
 * The session cookie: bound to this host and path, never to scripts or other sites (IDN-7). The port keeps servers on one machine apart.
 * The cookie of a sign-in at a provider must come along when that other site sends the browser back, so it is `Lax`; it opens nothing.
 */
export const createCookies = (port: () => number) => {
  const name = () => `__Host-sallyport-${port()}`
  const attributes = 'Path=/; Secure; HttpOnly; SameSite'
  const signInName = () => signInCookieName(name())
  return {
    name,
    set: (token: string, expiresAt: number) => `${name()}=${token}; ${attributes}=Strict; Expires=${new Date(expiresAt).toUTCString()}`,
    setDevice: (token: string) => `${deviceCookieName(name())}=${token}; ${attributes}=Strict; Max-Age=${knownDevice.seconds}`,
    clear: () => `${name()}=; ${attributes}=Strict; Max-Age=0`,
    setSignIn: (sealed: string) => `${signInName()}=${sealed}; ${attributes}=Lax; Max-Age=${signInLife.seconds}`,
    clearSignIn: () => `${signInName()}=; ${attributes}=Lax; Max-Age=0`,
  }
}
