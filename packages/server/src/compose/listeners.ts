import { chmod } from 'node:fs/promises'
import { isIPv6, type AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/load.ts'

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
  }
}

const bracket = (host: string) => (isIPv6(host) ? `[${host}]` : host)
