/** The session cookie: bound to this host and path, never to scripts or other sites (IDN-7). The port keeps servers on one machine apart. */
export const createCookies = (port: () => number) => {
  const name = () => `__Host-sallyport-${port()}`
  const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict'
  return {
    name,
    set: (token: string, expiresAt: number) => `${name()}=${token}; ${attributes}; Expires=${new Date(expiresAt).toUTCString()}`,
    clear: () => `${name()}=; ${attributes}; Max-Age=0`,
  }
}
