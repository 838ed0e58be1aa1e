import { openVault, readingSource } from '../../compose/store.ts'
import type { Config } from '../../config/load.ts'
import type { StoreRecord } from '../../database/data-directory.ts'
import { openSnapshot } from '../../database/open-snapshot.ts'
import type { Snapshot, TableShape } from '../../database/snapshot.ts'
import { MANIFEST_MARK } from '../../domains/backups/index.ts'
import type { VersionedKeys } from '../../kernel/seal.ts'
import { sealerFrom, SERVER_KEYS } from '../../domains/secrets/index.ts'

interface BackupMarks { readonly macKeys: VersionedKeys; /** What the server's own looks at kept backups found wrong with some, by name. */ readonly problems: ReadonlyMap<string, string> }
/** The migration since which a store remembers these. */
const REMEMBERED_SINCE = '0030-backup-checks'
const checks = { name: 'backup_check', columns: [{ name: 'name', kind: 'text' }, { name: 'problem', kind: 'text' }] } as const satisfies TableShape

/** The keys with which a store marks its backups, by version, and what it knows of them, read without writing to it. Throws `VaultFailure`, and what the engine throws. */
export async function readBackupMarks(config: Config, record: StoreRecord): Promise<BackupMarks> {
  const { vault, close } = await openVault(config, record)
  try {
    const snapshot = await openSnapshot(await readingSource(config, record, vault))
    try {
      const sealer = await sealerFrom(vault, SERVER_KEYS, await serverKeys(snapshot))
      return { macKeys: sealer.versionsFor(MANIFEST_MARK), problems: await knownProblems(snapshot) }
    } finally {
      await snapshot.close()
    }
  } finally {
    await close()
  }
}

async function knownProblems(snapshot: Snapshot): Promise<ReadonlyMap<string, string>> {
  const problems = new Map<string, string>()
  if (!snapshot.migrations.includes(REMEMBERED_SINCE)) return problems
  for await (const rows of snapshot.rows(checks)) {
    for (const [name, problem] of rows) if (typeof name === 'string' && typeof problem === 'string' && problem !== '') problems.set(name, problem)
  }
  return problems
}

async function serverKeys(snapshot: Snapshot): Promise<readonly { readonly version: number; readonly wrapped: Uint8Array }[]> {
  const table = snapshot.tables.find(({ name }) => name === 'data_key')
  if (table === undefined) throw new Error('The store has no table of data keys.')
  const at = (name: string) => table.columns.findIndex((column) => column.name === name)
  const [owner, number, bytes] = [at('owner_id'), at('version'), at('wrapped')]
  const found: { version: number; wrapped: Uint8Array }[] = []
  for await (const rows of snapshot.rows(table)) {
    for (const row of rows.filter((each) => each[owner] === SERVER_KEYS)) {
      const [version, wrapped] = [row[number], row[bytes]]
      if (typeof version === 'number' && wrapped instanceof Uint8Array) found.push({ version, wrapped })
    }
  }
  return found
}
