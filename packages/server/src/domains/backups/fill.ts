import type { FillTarget } from '../../database/snapshot.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { SealedFile } from './manifest.ts'
import { DumpBroken } from './read-dump.ts'
import { readSealed } from './sealed-file.ts'

export interface SetFiles { readonly dumpPath: string; readonly keysPath: string; readonly identities: readonly Secret[] }
type Facts = Pick<SealedFile, 'rows' | 'content' | 'textBytes'>
export interface FillOptions {
  readonly expected: { readonly dump: Facts; readonly keys: Facts; readonly storeId: string }
  /** Makes the empty store, as it was after that migration. */
  readonly open: (migration: string) => Promise<FillTarget>
  readonly onRows?: (rows: number) => void
}

/** Fills an empty store from the two files of a backup, and finishes it. Throws `DumpBroken` or `AgeFailure` when they are not what was promised; the store is then of no use. */
export async function fillFromFiles({ dumpPath, keysPath, identities }: SetFiles, { expected, open, onRows }: FillOptions): Promise<void> {
  const opened: FillTarget[] = []
  try {
    const dump = await readSealed(dumpPath, identities, {
      mostTextBytes: expected.dump.textBytes, ...(onRows !== undefined && { onRows }),
      open: async ({ migrations }) => {
        const last = migrations.at(-1)
        if (last === undefined) throw new DumpBroken('The backup names no migration.')
        const target = await open(last)
        opened.push(target)
        return target
      },
    })
    const [target] = opened
    if (target === undefined) throw new DumpBroken('The backup is empty.')
    requireFacts(dump, expected.dump)
    const left = target.tables.find(({ name }) => name !== 'data_key' && !Object.hasOwn(dump.tables, name))
    if (left !== undefined) throw new DumpBroken(`The backup lacks the table ${left.name}.`)
    const keys = await readSealed(keysPath, identities, { mostTextBytes: expected.keys.textBytes, open: () => Promise.resolve({ tables: target.tables.filter(({ name }) => name === 'data_key'), insert: target.insert }) })
    requireFacts(keys, expected.keys)
    if (dump.head.storeId !== expected.storeId || keys.head.storeId !== expected.storeId) throw new DumpBroken('The backup is of another store.')
    await target.finish()
  } catch (error) {
    for (const target of opened) await target.close()
    throw error
  }
}

function requireFacts(found: Facts, { rows, content, textBytes }: Facts): void {
  if (found.rows !== rows || found.content !== content || found.textBytes !== textBytes) throw new DumpBroken('The backup is not the one that its manifest describes.')
}
