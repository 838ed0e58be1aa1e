import { quoted } from './describe.ts'

/** Two roles and a schema for one database. */
export interface RoleNames { readonly database: string; readonly owner: string; readonly runTime: string; readonly schema: string; /** Connections that the running server may have, over all its processes. */ readonly connections: number }

const NO_POWERS = 'nosuperuser nocreatedb nocreaterole noreplication nobypassrls'

/**
 * The statements by which an administrator of PostgreSQL makes a role that owns the tables and one that the server runs as (DAT-6). The latter reads and writes
 * rows, and nothing else. For an empty database, connected to it. They hold no password: a role without one cannot sign in by one.
 */
export function roleStatements({ database, owner, runTime, schema, connections }: RoleNames): readonly string[] {
  const [db, own, run, place] = [quoted(database), quoted(owner), quoted(runTime), quoted(schema)]
  return [
    `create role ${own} login ${NO_POWERS} connection limit 20`,
    `create role ${run} login ${NO_POWERS} connection limit ${connections}`,
    `revoke all on database ${db} from public`,
    // A restore builds the store in a schema of its own, beside the live one.
    `grant connect, create on database ${db} to ${own}`,
    `grant connect on database ${db} to ${run}`,
    'revoke all on schema public from public',
    // Whoever administers a managed service is no superuser, and gives away only what is theirs.
    `grant ${own} to current_user`,
    `create schema ${place} authorization ${own}`,
    `grant usage on schema ${place} to ${run}`,
    `alter role ${own} in database ${db} set search_path = ${place}`,
    `alter role ${run} in database ${db} set search_path = ${place}`,
    `alter default privileges for role ${own} grant select, insert, update, delete on tables to ${run}`,
    `alter default privileges for role ${own} grant usage on sequences to ${run}`,
    `alter default privileges for role ${own} revoke execute on functions from public`,
    `revoke ${own} from current_user`,
  ]
}
