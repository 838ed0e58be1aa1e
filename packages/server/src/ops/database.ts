import { postgresPlace } from '../compose/store.ts'
import { ConfigProblem, type Config } from '../config/load.ts'
import { migrationNames } from '../database/migrate.ts'
import { openPostgres } from '../database/postgres/open.ts'
import { roleStatements, type RoleNames } from '../database/postgres/roles.ts'

export type { RoleNames } from '../database/postgres/roles.ts'

const IDENTIFIER = /^[a-z_][a-z0-9_-]{0,62}$/

/** The script by which an administrator of PostgreSQL makes the two roles of one empty database. Throws `ConfigProblem` for names that cannot be such. */
export function describeRoles(names: RoleNames): string {
  const problems = (['database', 'owner', 'runTime', 'schema'] as const).filter((key) => !IDENTIFIER.test(names[key])).map((key) => `${key}: give a name of small letters, digits, _ and -, of 63 characters at most.`)
  if (!Number.isInteger(names.connections) || names.connections < 3 || names.connections > 10_000) problems.push('connections: give a whole number from 3 to 10000.')
  if (new Set([names.owner, names.runTime]).size < 2) problems.push('owner and runTime: give two names.')
  if (problems.length > 0) throw new ConfigProblem(problems)
  return [
    `-- For an empty database. As an administrator of PostgreSQL: psql -v ON_ERROR_STOP=1 -d ${names.database} -f roles.sql`,
    'begin;', ...roleStatements(names).map((statement) => `${statement};`), 'commit;',
    '-- Then give each a password. It is typed, and stands in no file and no history:',
    `--   \\password ${names.owner}`, `--   \\password ${names.runTime}`, '',
  ].join('\n')
}

export interface Migrated { readonly migrations: number; readonly newest: string }

/** Makes or migrates the scaled store as the role that store.url names, which should own it, and takes from the role of the server what it has no use for. Throws `ConfigProblem` and `PostgresRefused`. */
export async function migrateStore(config: Config): Promise<Migrated> {
  if (config.store.url.startsWith('sqlite:')) throw new ConfigProblem(['store.url: this is the embedded store, which migrates by itself. Give the address of PostgreSQL with the role that owns the tables.'])
  const database = await openPostgres(postgresPlace(config))
  await database.close()
  const names = migrationNames()
  return { migrations: names.length, newest: names.at(-1) ?? '' }
}
