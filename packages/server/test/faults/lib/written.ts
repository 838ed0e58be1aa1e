import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { chain, emptyChain, type AuditHead } from '../../../src/database/audit-chain.ts'
import { connectSqlite } from '../../../src/database/sqlite/connect.ts'

export const WRITER_CHILD = join(import.meta.dirname, '..', 'writer-child.ts')

/** What a writing process said of its batches. A last line that was cut off says nothing. */
export interface Said { readonly wrote: readonly string[]; readonly refused: readonly string[]; readonly wrong: readonly string[]; readonly ready: boolean; readonly ended: boolean }

export function readSaid(path: string): Said {
  const lines = readFileSync(path, { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1)
  const after = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  return { wrote: after('wrote'), refused: after('refused'), wrong: after('wrong'), ready: lines.includes('ready'), ended: lines.includes('end') }
}

export interface Kept {
  /** Batches of which both rows and the audit row are there. */
  readonly whole: ReadonlySet<string>
  /** Batches of which only a part is there. */
  readonly torn: readonly string[]
  /** What the engine, or the audit chain, says is wrong. */
  readonly corrupt: readonly string[]
}

const Id = z.object({ id: z.string() })
const Audited = z.object({ sequence: z.number(), at: z.number(), action: z.string(), actor: z.string(), credential: z.string(), outcome: z.enum(['allowed', 'refused', 'failed']), detail: z.string(), previous_hash: z.string(), hash: z.string() })
const Check = z.array(z.object({ integrity_check: z.string() }))

/** Opens what a writer left behind, and reads what is in it. Before the first migration there is nothing, which is no fault. */
export function readKept(path: string, pageKey: Uint8Array): Kept {
  const connection = connectSqlite({ path, pageKey }, false)
  try {
    const corrupt = Check.parse(connection.prepare('pragma integrity_check').all()).map((row) => row.integrity_check).filter((word) => word !== 'ok')
    const tables = connection.prepare("select name from sqlite_schema where name in ('security_event', 'audit_entry')").all()
    if (tables.length < 2) return { whole: new Set(), torn: [], corrupt }
    const counts = new Map<string, number>()
    const count = (id: string) => { counts.set(id, (counts.get(id) ?? 0) + 1) }
    for (const row of connection.prepare('select id from security_event').all()) count(Id.parse(row).id.slice(0, -2))
    let head: AuditHead = emptyChain
    for (const row of connection.prepare('select * from audit_entry order by sequence').all()) {
      const { sequence, hash, previous_hash, ...record } = Audited.parse(row)
      const expected = chain(head, record)
      if (expected.sequence !== sequence || expected.hash !== hash || expected.previous_hash !== previous_hash) corrupt.push(`the audit chain at ${sequence}`)
      head = expected
      count(Id.parse(JSON.parse(record.detail)).id)
    }
    const ids = [...counts]
    return { whole: new Set(ids.filter(([, rows]) => rows === 3).map(([id]) => id)), torn: ids.filter(([, rows]) => rows !== 3).map(([id]) => id), corrupt }
  } finally {
    connection.close()
  }
}
