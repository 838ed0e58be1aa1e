import { loadClientKey, openLocalServer, readConfig } from '@sallyport/server/ops'
import { createClient, type Client } from './client.ts'

export interface Connection { readonly client: Client; close(): Promise<void> }

/** A mistake in how a command was called; its message says what to do. */
export class Mistake extends Error {
  override readonly name = 'Mistake'
}

/** The server that a command is about: `--server URL` with `SALLYPORT_API_KEY`, else the one of this data directory, running or not. */
export async function connect(server: string | undefined): Promise<Connection> {
  if (server !== undefined) return connectRemotely(server)
  const local = await openLocalServer(await readConfig())
  return { client: createClient({ socketPath: local.socketPath }), close: local.close }
}

/** A running server at an address. */
export function connectRemotely(server: string): Connection {
  const key = loadClientKey()
  if (key === null) throw new Mistake('Set SALLYPORT_API_KEY to a key of that server, then try again.')
  if (!URL.canParse(server)) throw new Mistake('Give --server an address such as http://127.0.0.1:8080.')
  return { client: createClient({ url: new URL(server), key }), close: () => Promise.resolve() }
}
