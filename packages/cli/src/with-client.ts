import type { Command } from 'commander'
import type { Client } from './client.ts'
import { connect } from './connect.ts'

export interface Shared { readonly client: Client; readonly json: boolean }
interface SharedOptions { readonly json?: true; readonly server?: string }

/** Runs a command's action with a server, and lets go of it afterwards. Gives it its arguments, then its options. */
export const withClient = <Words extends unknown[]>(action: (shared: Shared, ...words: Words) => Promise<void>) => async (...given: unknown[]): Promise<void> => {
  const command = given.at(-1) as Command
  const { json = false, server }: { json?: boolean; server?: string } = command.optsWithGlobals<SharedOptions>()
  const connection = await connect(server)
  try {
    await action({ client: connection.client, json }, ...(given.slice(0, -1) as Words))
  } finally {
    await connection.close()
  }
}
