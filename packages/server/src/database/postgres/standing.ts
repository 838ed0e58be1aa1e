import pg from 'pg'
import * as z from 'zod/mini'
import { connectionOf, explainRefusal, type PostgresPlace } from './connection.ts'

const Standing = z.object({
  role: z.string(), is_superuser: z.boolean(), may_create_roles: z.boolean(), may_create_databases: z.boolean(), may_replicate: z.boolean(), passes_row_security: z.boolean(),
  /** Roles with power over the machine or all data that this one can take on. */
  powerful: z.array(z.string()),
  may_create: z.boolean(), owned_tables: z.number(), may_change_audit: z.boolean(),
  /** The version of TLS; null where the connection is not encrypted. */
  tls: z.nullable(z.string()),
  /** What is left for ordinary roles, what this role may have (-1: no limit), and what the server uses at once at most. */
  server_connections: z.number(), role_connections: z.number(),
})
export type Standing = z.infer<typeof Standing>

const QUERY = `select r.rolname::text as role, r.rolsuper as is_superuser, r.rolcreaterole as may_create_roles, r.rolcreatedb as may_create_databases, r.rolreplication as may_replicate, r.rolbypassrls as passes_row_security,
  (select coalesce(array_agg(o.rolname::text order by o.rolname), '{}') from pg_roles o where o.rolname <> current_user and not r.rolsuper and pg_has_role(current_user, o.oid, 'member')
    and (o.rolsuper or o.rolcreaterole or o.rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_read_all_data', 'pg_write_all_data'))) as powerful,
  coalesce(has_schema_privilege(current_schema(), 'create'), false) or has_database_privilege(current_database(), 'create') as may_create,
  (select count(*)::int from pg_class c where c.relkind = 'r' and c.relnamespace = (select oid from pg_namespace where nspname = current_schema()) and c.relowner = r.oid) as owned_tables,
  coalesce((select has_table_privilege(c.oid, 'update') or has_table_privilege(c.oid, 'delete') or has_table_privilege(c.oid, 'truncate') from pg_class c where c.oid = to_regclass('audit_entry')), false) as may_change_audit,
  (select version from pg_stat_ssl where pid = pg_backend_pid() and ssl) as tls,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as server_connections, r.rolconnlimit as role_connections
  from pg_roles r where r.rolname = current_user`

/** What the role of the store may do, and how it is connected. Throws `PostgresRefused` where it cannot be asked. */
export async function readStanding(place: PostgresPlace): Promise<Standing> {
  try {
    const client = new pg.Client(connectionOf(place))
    // A connection that breaks later is told by the query that it breaks.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return Standing.parse((await client.query(QUERY)).rows[0])
    } finally {
      await client.end().catch(() => undefined)
    }
  } catch (error) {
    throw explainRefusal(error, place)
  }
}
