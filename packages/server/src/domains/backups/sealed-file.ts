import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { Secret } from '../../kernel/secret.ts'
import { openAge, sealAge } from './age.ts'
import type { DumpFacts } from './dump.ts'
import { DumpBroken, readDump, type DumpHeadLine, type ReadOptions } from './read-dump.ts'

// Sealed columns are random bytes in base64: what can be won is the quarter that base64 costs, and the lowest level wins it.
const compression = { chunkSize: 1_048_576, params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } }

export interface Written { readonly bytes: number; readonly sha256: string; readonly facts: DumpFacts }

/** Writes a dump into a new file: compressed with zstd, sealed for the recipients with age, readable by this user alone. The store syncs what it takes. */
export async function writeSealed(path: string, recipients: readonly string[], dump: AsyncGenerator<Buffer, DumpFacts>): Promise<Written> {
  const digest = createHash('sha256')
  let bytes = 0
  let facts: DumpFacts | null = null
  const text = async function* () { facts = yield* dump }
  await pipeline(text, createZstdCompress(compression), (compressed: AsyncIterable<Buffer>) => sealAge(recipients, compressed), async function* (sealed: AsyncIterable<Buffer>) {
    for await (const piece of sealed) {
      digest.update(piece)
      bytes += piece.byteLength
      yield piece
    }
  }, createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: 4_194_304 }))
  if (facts === null) throw new Error('The dump ended without its counts.')
  return { bytes, sha256: digest.digest('hex'), facts }
}

/** Reads a file of `writeSealed`. Throws `AgeFailure` and `DumpBroken`; then nothing that was inserted may be kept. */
export async function readSealed(path: string, identities: readonly Secret[], options: ReadOptions): Promise<DumpFacts & { readonly head: DumpHeadLine }> {
  let result: (DumpFacts & { readonly head: DumpHeadLine }) | null = null
  try {
    await pipeline(openAge(path, identities), createZstdDecompress({ chunkSize: 1_048_576 }), async (text: AsyncIterable<Buffer>) => { result = await readDump(text, options) })
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('ZSTD_') ? new DumpBroken('The backup is cut or was altered.', { cause: error }) : error
  }
  if (result === null) throw new DumpBroken('The backup is empty.')
  return result
}
