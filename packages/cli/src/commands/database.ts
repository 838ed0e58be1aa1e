import { describeRoles, migrateStore, readConfig } from '@sallyport/server/ops'
import type { Command } from 'commander'
import { print } from '../print.ts'

interface RolesOptions { readonly json?: true; readonly database: string; readonly owner: string; readonly runTime: string; readonly schema: string; readonly connections: string }

/** PostgreSQL as the store. */
export function database(program: Command): void {
  const group = program.command('database').description('PostgreSQL as the store: its roles and its tables')
  group.command('roles').description('the SQL that makes a role that owns the tables, and one for the server that reads and writes rows alone')
    .option('--database <name>', 'the database, which is empty', 'sallyport').option('--owner <name>', 'the role that owns the tables', 'sallyport_owner').option('--run-time <name>', 'the role that the server runs as', 'sallyport')
    .option('--schema <name>', 'the schema for the tables', 'sallyport').option('--connections <count>', 'connections that the server may have, over all its processes', '20')
    .action((_own: unknown, command: Command) => {
      const { json, connections, ...names }: RolesOptions = command.optsWithGlobals()
      const script = describeRoles({ database: names.database, owner: names.owner, runTime: names.runTime, schema: names.schema, connections: Number(connections) })
      print(json ?? false, { script }, () => script.split('\n').slice(0, -1))
    })
  group.command('migrate').description('make or migrate the tables, as the role in store.url; for the role that owns them')
    .action(async (_own: unknown, command: Command) => {
      const { json }: { readonly json?: true } = command.optsWithGlobals()
      const migrated = await migrateStore(await readConfig())
      print(json ?? false, migrated, () => [`The store is up to date: ${migrated.migrations} migrations, the newest is ${migrated.newest}.`])
    })
}
