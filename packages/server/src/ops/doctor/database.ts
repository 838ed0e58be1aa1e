import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { postgresPlace } from '../../compose/store.ts'
import { PostgresRefused } from '../../database/postgres/connection.ts'
import { readStanding, type Standing } from '../../database/postgres/standing.ts'
import { readPostgresAddress } from '../../kernel/postgres-address.ts'
import { bad, good, type Check, type Finding, type Patient } from './finding.ts'

/** Beside its pool, a server has one connection for a backup, and this look has one. */
const BESIDE_POOL = 2
const ROLES = 'Make a role that owns the tables, and one for the server: npm run sallyport -- database roles'

/** Whether the way to PostgreSQL is encrypted, whether the role of the server can do more than it needs, and whether its connections fit (DAT-6). */
export const checkDatabase: Check = async (patient) => {
  const { config } = patient
  if (config.store.url.startsWith('sqlite:')) return findEmbedded(patient)
  try {
    const standing = await readStanding(postgresPlace(config))
    const findings = [...findPowers(standing), ...findExcess(standing), ...findBounds(standing, config.store.connections)]
    return [findWay(config.store.url, standing), ...(findings.length > 0 ? findings : [good('database', `The role ${standing.role} reads and writes rows, and nothing else.`)])]
  } catch (error) {
    if (!(error instanceof PostgresRefused)) throw error
    return [bad('database', 'problem', { found: error.message, means: 'The server does not start, or answers nothing.', mend: 'Mend it as it says, then run doctor again.' })]
  }
}

/** What to do for a store elsewhere, said wherever the embedded one is looked at: this cannot know what settings the server was started with. */
const ELSEWHERE = 'If the store of the server is on PostgreSQL, give this command the same settings as the server: store.url (SALLYPORT_STORE_URL), with store.credential and store.authority where it has them.'

/** Without the address of a store elsewhere this would speak of the embedded one as if it were all. */
async function findEmbedded({ config: { dataDirectory }, record }: Patient): Promise<readonly Finding[]> {
  const only = 'store.url is sqlite:, so this looks at the embedded store alone'
  if (record === null) return [good('database', `${only}, and there is none yet. ${ELSEWHERE}`)]
  const path = join(dataDirectory, record.file)
  const isThere = await stat(path).then((found) => found.isFile(), (error: unknown) => { if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false; throw error })
  if (isThere) return [good('database', `${only}: nobody connects to it, and its pages are encrypted. ${ELSEWHERE}`)]
  return [bad('database', 'problem', { found: `${only}, and ${path} is not there, though store.json beside it says that this directory has a store.`, means: 'Either the store is on PostgreSQL, and this command was not told where: then nothing of it was looked at. Or its file is gone, and a start would begin an empty one.', mend: `${ELSEWHERE} If it was embedded, put the file back from a copy, or restore a backup.` })]
}

function findWay(url: string, { tls }: Standing): Finding {
  if (tls !== null) return good('database', `The way to PostgreSQL is encrypted (${tls}), and its certificate is verified.`)
  const address = readPostgresAddress(url)
  if (!('refusal' in address) && address.isLocal) return good('database', 'PostgreSQL is on this machine, and is asked without TLS.')
  // No such connection can be made; if one ever is, it must not look well.
  return bad('database', 'problem', { found: 'The way to PostgreSQL is not encrypted.', means: 'Who was asked what, and when, travels in clear; text is sealed, and stays so.', mend: 'Give PostgreSQL a certificate: ssl = on. See docs/operations/postgresql.md.' })
}

function findPowers({ role, powerful, is_superuser: isSuperuser, may_create_roles: roles, may_create_databases: databases, may_replicate: replicates, passes_row_security: passes }: Standing): readonly Finding[] {
  if (isSuperuser) return [bad('database', 'warning', { found: `The server signs in as ${role}, a superuser of PostgreSQL.`, means: 'Whoever takes over the server takes over every database there, and can run programs on that machine.', mend: ROLES })]
  const powers = [...(roles ? ['make roles'] : []), ...(databases ? ['make databases'] : []), ...(replicates ? ['copy the whole cluster'] : []), ...(passes ? ['pass by row security'] : []), ...powerful.map((name) => `act as ${name}`)]
  return powers.length === 0 ? [] : [bad('database', 'warning', { found: `The role ${role} may ${new Intl.ListFormat('en-GB').format(powers)}.`, means: 'Whoever takes over the server can reach beyond its own tables.', mend: ROLES })]
}

function findExcess({ role, is_superuser: isSuperuser, may_create: mayCreate, owned_tables: owned, may_change_audit: mayChangeAudit }: Standing): readonly Finding[] {
  // Said already, and more of it.
  if (isSuperuser) return []
  if (owned > 0) return [bad('database', 'warning', { found: `The role ${role} owns ${owned} tables of the store.`, means: 'Whoever takes over the server can drop them, and rewrite the audit log.', mend: ROLES })]
  return [
    ...(mayCreate ? [bad('database', 'warning', { found: `The role ${role} may make tables or schemas.`, means: 'The running server needs that at no time.', mend: ROLES })] : []),
    ...(mayChangeAudit ? [bad('database', 'warning', { found: `The role ${role} may change entries of the audit log.`, means: 'Whoever takes over the server can rewrite what it did; only a signed checkpoint elsewhere would tell.', mend: 'As the owner of the tables: npm run sallyport -- database migrate' })] : []),
  ]
}

function findBounds({ role, server_connections: all, role_connections: own }: Standing, connections: number): readonly Finding[] {
  const needed = connections + BESIDE_POOL
  const [bound, whose] = own >= 0 && own < all ? [own, `the role ${role}`] as const : [all, 'PostgreSQL'] as const
  return needed <= bound ? [] : [bad('database', 'warning', { found: `This server may take ${needed} connections, and ${whose} gives ${bound}.`, means: 'Under load, questions are refused with 503.', mend: 'Lower store.connections, or raise max_connections of PostgreSQL and the limit of the role.' })]
}
