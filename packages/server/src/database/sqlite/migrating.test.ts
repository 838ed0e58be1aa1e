import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectSqlite, type SqliteFile } from './connect.ts'
import { openSqlite } from './open.ts'

let directory: string
let file: SqliteFile
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-migrating-'))
  file = { path: join(directory, 'store.sqlite'), pageKey: randomBytes(32) }
})
afterEach(() => { rmSync(directory, { recursive: true }) })

const change = (sql: string) => {
  const connection = connectSqlite(file, false)
  connection.exec(sql)
  connection.close()
}
const tables = (): readonly unknown[] => {
  const connection = connectSqlite(file, true)
  const names = connection.prepare(`select name from sqlite_schema where type = 'table' and name not like 'kysely%' order by name`).pluck().all()
  connection.close()
  return names
}

test('a migration that fails in the middle leaves nothing of itself, and the next start does it', async () => {
  change('create table message (in_the_way text)')
  await expect(openSqlite(file)).rejects.toThrow('message')
  expect(tables()).toEqual(['message'])

  change('drop table message')
  await (await openSqlite(file)).close()
  expect(tables()).toContain('audit_entry')
})
