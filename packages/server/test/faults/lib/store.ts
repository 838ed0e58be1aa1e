import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import * as z from 'zod'
import { openStore } from '../../../src/compose/store.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Database } from '../../../src/database/database.ts'
import { createAuditStore, verifyChain } from '../../../src/domains/audit/index.ts'
import { makeScratch } from './places.ts'
import { dataDirectoryOf } from './rig.ts'
import { environmentOf } from './server.ts'

const Check = z.array(z.object({ integrity_check: z.string() }))
const Rows = z.array(z.unknown())
const Torn = z.array(z.object({ id: z.string() }))

/**
 * Opens a copy of what a process left behind, with the real vault and the real store, and says what is wrong with it. The files
 * themselves are not touched: the server that is started next meets exactly what the fault left.
 */
export async function inspectStore(directory: string): Promise<readonly string[]> {
  using copy = makeScratch()
  cpSync(dataDirectoryOf(directory), copy.directory, { recursive: true, filter: (path) => !path.endsWith('.sock') })
  const config = loadConfig({}, { ...environmentOf(directory), SALLYPORT_DATA_DIR: join(copy.directory) })
  const opened = await openStore(config)
  try {
    return [...await judgePages(opened.database), ...await judgeRows(opened.database)]
  } finally {
    await opened.database.close()
    opened.directory.release()
  }
}

/** Pages and keys between rows, by the engine's own checks. Encrypted pages are also authenticated as they are read. */
async function judgePages({ read }: Database): Promise<readonly string[]> {
  const pages = Check.parse((await sql`pragma integrity_check`.execute(read)).rows).map((row) => row.integrity_check).filter((word) => word !== 'ok')
  const keys = Rows.parse((await sql`pragma foreign_key_check`.execute(read)).rows)
  return [...pages, ...keys.map((row) => `a row without its parent: ${JSON.stringify(row)}`)]
}

/** Nothing of these logs is old enough to be cut off. */
const neverCut = { readCut: () => null }

/** What must hold between rows of a turn, whenever the process ended: they are committed together or not at all. */
async function judgeRows(database: Database): Promise<readonly string[]> {
  const { ok, brokenAt } = await verifyChain(createAuditStore(database), neverCut)
  const { read } = database
  const odd = Torn.parse((await sql`select turn_id as id from message group by turn_id having count(*) <> 2 or sum(role = 'user') <> 1`.execute(read)).rows)
  const unmatched = Torn.parse((await sql`
    select m.id from message m left join turn t on t.id = m.turn_id where m.role = 'assistant' and (t.id is null or t.status <> m.status)
    union all select t.id from turn t where t.entrance = 'conversation' and not exists (select 1 from message m where m.turn_id = t.id)`.execute(read)).rows)
  return [
    ...(ok ? [] : [`the audit chain is broken at ${brokenAt ?? 0}`]),
    ...odd.map(({ id }) => `${id} has not one question and one answer`),
    ...unmatched.map(({ id }) => `${id}: message and turn disagree`),
  ]
}
