import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** Budgets, what was used of them, and what models cost. */
export const budgets = ({ moment, count }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('budget')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('period', 'text', (column) => column.notNull())
      .addColumn('unit', 'text', (column) => column.notNull())
      .addColumn('amount', count, (column) => column.notNull())
      .addColumn('set_at', moment, (column) => column.notNull())
      .execute()
    await db.schema.createTable('budget_use')
      .addColumn('budget_id', 'text', (column) => column.notNull().references('budget.id').onDelete('cascade'))
      .addColumn('span', 'integer', (column) => column.notNull())
      .addColumn('used', count, (column) => column.notNull())
      .addColumn('warned_at', moment)
      .addPrimaryKeyConstraint('budget_use_pk', ['budget_id', 'span'])
      .execute()
    await db.schema.createTable('model_price')
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('from_day', 'integer', (column) => column.notNull())
      .addColumn('input_price', count, (column) => column.notNull())
      .addColumn('output_price', count, (column) => column.notNull())
      .addPrimaryKeyConstraint('model_price_pk', ['model', 'from_day'])
      .execute()
  },
})
