import { chmod } from 'node:fs/promises'
import { isIPv6, type AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/load.ts'

/** What a client may take for the last bytes of its answer once nothing runs any more. */
const LEAVE_MILLISECONDS = 1_000
const LOOK_MILLISECONDS = 25
const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]']

/** Where the server listens, and under which names it answers. */
export function createListeners(config: Config, socketPath: string) {
  let port = config.http.port
  const known = () => new Set([
    ...[...LOCAL_NAMES, bracket(config.http.host)].map((name) => `${name}:${port}`),
    ...(port === 80 ? LOCAL_NAMES : []),
    ...config.http.hosts.flatMap((name) => [name.toLowerCase(), `${name.toLowerCase()}:${port}`]),
  ])
  let names = known()
  const listenLocally = async (app: FastifyInstance) => {
    await app.listen({ path: socketPath })
    if (process.platform !== 'win32') await chmod(socketPath, 0o600)
  }
  return {
    port: () => port,
    isKnownHost: (host: string) => names.has(host),
    url: () => `http://${bracket(config.http.host)}:${port}`,
    listenLocally,
    async listen(apps: { readonly public: FastifyInstance; readonly local: FastifyInstance }): Promise<void> {
      await apps.public.listen({ host: config.http.host, port: config.http.port })
      const bound = apps.public.server.address() as AddressInfo | null
      port = bound?.port ?? port
      names = known()
      await listenLocally(apps.local)
    },
    /**
     * Waits for `closing`, in which listening has ended, and sees to it that it ends. A connection that was busy then stays open when its
     * answer is out, and a client that sends half a request or reads nothing holds its own for as long as it likes.
     */
    async letGo(apps: { readonly public: FastifyInstance; readonly local: FastifyInstance }, closing: Promise<unknown>): Promise<void> {
      const servers = [apps.public.server, apps.local.server]
      const look = setInterval(() => { for (const server of servers) server.closeIdleConnections() }, LOOK_MILLISECONDS)
      const leave = setTimeout(() => { for (const server of servers) server.closeAllConnections() }, LEAVE_MILLISECONDS)
      try {
        await closing
      } finally {
        clearInterval(look)
        clearTimeout(leave)
      }
    },
  }
}

const bracket = (host: string) => (isIPv6(host) ? `[${host}]` : host)
