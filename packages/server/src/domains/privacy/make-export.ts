import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import { dataExport } from '../../policy/retention.ts'
import { sealAge } from '../backups/index.ts'
import { SERVER_KEYS, type KeyRing } from '../secrets/index.ts'
import { collect } from './collect.ts'
import { createExportStore } from './export-store.ts'
import type { DataExportTable } from './tables.ts'
import { writeZip } from './zip.ts'

interface MakerDeps {
  readonly database: Database
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly log: Log
  readonly pathOf: (id: string) => string
  readonly isClosing: () => boolean
}

/** Ends what is being written when the server stops. */
async function* whileOpen(zip: AsyncIterable<Buffer>, isClosing: () => boolean): AsyncGenerator<Buffer> {
  for await (const piece of zip) {
    if (isClosing()) throw new Error('The server is stopping.')
    yield piece
  }
}

/** Gives what writes the file of one export, sealed for its recipient, and writes down how that ended. It never throws. */
export function createExportMaker({ database, keyRing, clock, log, pathOf, isClosing }: MakerDeps) {
  const store = createExportStore(database)
  const write = async (row: DataExportTable, recipient: string, onRows: (rows: number) => void): Promise<number> => {
    const files = collect(database, { accountId: row.account_id, reach: row.reach, sealer: await keyRing.sealerOf(row.account_id), serverSealer: await keyRing.sealerOf(SERVER_KEYS), at: row.begun_at, onRows })
    await pipeline(whileOpen(writeZip(files), isClosing), (zip: AsyncIterable<Buffer>) => sealAge([recipient], zip), createWriteStream(pathOf(row.id), { flags: 'wx', mode: 0o600 }))
    return (await stat(pathOf(row.id))).size
  }
  return async (row: DataExportTable, recipient: string): Promise<void> => {
    let done = 0
    let told = 0
    const onRows = (rows: number) => {
      done += rows
      if (done - told < dataExport.tellRows) return
      told = done
      void database.write([store.tell(row.id, done)]).catch(() => undefined)
    }
    try {
      const bytes = await write(row, recipient, onRows)
      await database.write([store.end(row.id, { state: 'ready', at: clock.now(), done, bytes })])
    } catch (error) {
      await rm(pathOf(row.id), { force: true })
      if (isClosing()) return
      log.error(describeError(error), 'export-failed')
      await database.write([store.end(row.id, { state: 'failed', at: clock.now(), done, bytes: 0 })]).catch((lost: unknown) => { log.error(describeError(lost), 'export-not-recorded') })
    }
  }
}
