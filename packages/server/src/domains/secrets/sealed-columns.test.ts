import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { sealedTables, type SealedTable } from './sealed-columns.ts'

describeEachEngine('the list of sealed columns', (dialect) => {
  test('has every column of the schema that ends in _sealed, and no other, and each table is bound to a name that is unique', async () => {
    await using store = await openTestStore(dialect)
    const tables = await store.database.read.introspection.getTables()
    const inSchema = tables.flatMap(({ name, columns }) => columns.filter((column) => column.name.endsWith('_sealed')).map((column) => `${name}.${column.name}`))
    const listed = sealedTables.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`))
    expect(listed.toSorted()).toEqual(inSchema.toSorted())
    expect(listed.length).toBeGreaterThan(15)
    for (const { table, row, sealedFor } of sealedTables satisfies readonly SealedTable[]) {
      const columns = tables.find(({ name }) => name === table)?.columns.map(({ name }) => name) ?? []
      expect(columns).toContain(row)
      if (sealedFor.by !== 'server') expect(columns).toContain(sealedFor.column)
    }
  })
})
