const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i

/** Whether a name or an address is always this machine, whatever a resolver says. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host)
