import type { Migration } from 'kysely/migration'
import { columnsOf } from '../columns.ts'
import type { Dialect } from '../database.ts'
import { foundation } from './0001-foundation.ts'
import { knowledge } from './0002-knowledge.ts'
import { backups } from './0003-backups.ts'

/** In order. A migration that has landed is never changed; a new one is a new file and a new line. */
export const migrationsFor = (dialect: Dialect): Record<string, Migration> => {
  const columns = columnsOf(dialect)
  return {
    '0001-foundation': foundation(columns),
    '0002-knowledge': knowledge(columns, dialect),
    '0003-backups': backups(columns),
  }
}
