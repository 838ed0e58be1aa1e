import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Snapshot, TableShape } from '../../database/snapshot.ts'
import type { VersionedKeys } from '../../kernel/seal.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import { writeDump, type DumpFacts } from './dump.ts'
import { putJson } from './make-backup.ts'
import { KEYS_MANIFEST, manifestNameOf, newBackupName, withMac, type SealedFile } from './manifest.ts'
import type { OpenedSet } from './open-set.ts'
import { writeSealed, type Written } from './sealed-file.ts'

export interface OneConversation {
  /** The backup as a store of this version. */
  readonly snapshot: Snapshot
  readonly from: OpenedSet
  readonly conversation: { readonly id: string; readonly accountId: string }
  /** Whose data key marks manifests. */
  readonly serverOwner: string
  readonly macKeys: VersionedKeys
  /** An empty place. */
  readonly store: BlobStore
  readonly staging: string
  readonly verifiedAt: string
}

/**
 * Writes a backup that holds one conversation alone: a set of the usual form, for the recipients of the backup that it is taken from, with the id of the
 * account and nothing else of it, and without the account's wrapped keys, so that an erasure closes it wherever it lies (PRI-4). Gives its name.
 */
export async function writeOneConversation({ snapshot, from: { manifest, keys: former }, conversation, serverOwner, macKeys, store, staging, verifiedAt }: OneConversation): Promise<string> {
  const { storeId, madeAt, vault, recipients } = manifest
  const head = { storeId, madeAt }
  const name = newBackupName(madeAt, randomBytes(4).toString('hex'))
  const write = (file: string, of: Snapshot, wants: (table: string) => boolean): Promise<Written> => writeSealed(join(staging, file), recipients, writeDump(of, { head, wants }))
  const dump = toFile(`${name}.age`, await write('one.age', filtered(snapshot, rowsOf(conversation)), (table) => table !== 'data_key'))
  const keys = toFile(`keys-${randomBytes(8).toString('hex')}.age`, await write('one-keys.age', filtered(snapshot, { data_key: ({ owner_id: owner }) => owner === serverOwner }), (table) => table === 'data_key'))
  await store.put(dump.file.file, join(staging, 'one.age'))
  await store.put(keys.file.file, join(staging, 'one-keys.age'))
  await putJson({ store }, KEYS_MANIFEST, { staging, value: withMac({ format: 1, storeId, madeAt, vault: former.vault, keys: keys.file }, macKeys) })
  await putJson({ store }, manifestNameOf(name), { staging, value: withMac({ format: 1, name, storeId, madeAt, migrations: [...snapshot.migrations], vault, recipients: [...recipients], dump: dump.file, tables: dump.tables, verifiedAt, conversation: conversation.id }, macKeys) })
  return name
}

const toFile = (file: string, { bytes, sha256, facts: { rows, textBytes, content, tables } }: Written): { readonly file: SealedFile; readonly tables: DumpFacts['tables'] } =>
  ({ file: { file, bytes, sha256, rows, textBytes, content }, tables })

type NamedRow = Readonly<Record<string, unknown>>
/** Which rows are kept of a table; of those that are not named, none. */
type Wanted = Readonly<Record<string, (row: NamedRow) => boolean>>

const rowsOf = ({ id, accountId }: OneConversation['conversation']): Wanted => ({
  conversation: (row) => row['id'] === id, message: (row) => row['conversation_id'] === id, account: (row) => row['id'] === accountId,
})

function filtered(snapshot: Snapshot, wanted: Wanted): Snapshot {
  return {
    ...snapshot,
    async *rows(table) {
      const isWanted = wanted[table.name]
      if (isWanted === undefined) return
      for await (const rows of snapshot.rows(table)) {
        yield rows.filter((row) => isWanted(Object.fromEntries(table.columns.map(({ name }, index) => [name, row[index]])))).map((row) => (table.name === 'account' ? idAlone(table, row) : row))
      }
    },
  }
}

/** An account that a conversation can refer to: its id, and nothing of who it is. */
const empty = { text: '', number: 0, bytes: new Uint8Array(0) } as const
const idAlone = ({ columns }: TableShape, row: readonly unknown[]): readonly unknown[] => columns.map(({ name, kind }, index) => (name === 'id' ? row[index] : row[index] === null ? null : empty[kind]))
