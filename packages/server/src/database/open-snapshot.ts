import { openPostgresSnapshot } from './postgres/snapshot.ts'
import type { Snapshot, StoreSource } from './snapshot.ts'
import { openSqliteSnapshot } from './sqlite/snapshot.ts'

/** Opens a store for reading as it is at this moment. */
export const openSnapshot = (source: StoreSource): Promise<Snapshot> =>
  source.dialect === 'sqlite' ? openSqliteSnapshot(source.file) : openPostgresSnapshot(source.place)
