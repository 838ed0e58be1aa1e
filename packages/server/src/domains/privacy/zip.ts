import { crc32, createDeflateRaw } from 'node:zlib'

export interface ZipEntry { readonly name: string; readonly content: () => AsyncIterable<string> }

const LOCAL = 0x04034b50
const DESCRIPTOR = 0x08074b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** Sizes behind the data (bit 3), names in UTF-8 (bit 11), deflate, as version 2.0 knows it (PKWARE APPNOTE, sections 4.3 and 4.4). */
const FLAGS = (1 << 3) | (1 << 11)
const [VERSION, DEFLATE] = [20, 8]
/** Beyond this the format needs its 64-bit form, which not every tool opens. */
const MOST_BYTES = 0xffff_fffe
/** 1 January 1980, the format's first day: the time of a file in an export says nothing. */
const FIRST_DAY = 0x0021

/** Writes a zip as a stream: what is held in memory does not grow with what is written, but for a line for each file. Throws `RangeError` beyond 4 GiB. */
export async function* writeZip(entries: readonly ZipEntry[]): AsyncGenerator<Buffer> {
  const central: Buffer[] = []
  let at = 0
  for (const { name, content } of entries) {
    const from = at
    const head = Buffer.concat([record([[LOCAL, 4], [VERSION, 2], [FLAGS, 2], [DEFLATE, 2], [0, 2], [FIRST_DAY, 2], [0, 4], [0, 4], [0, 4], [Buffer.byteLength(name), 2], [0, 2]]), Buffer.from(name)])
    yield head
    at += head.byteLength
    const sums = { crc: 0, plain: 0, packed: 0 }
    for await (const piece of deflate(content(), sums)) {
      yield piece
      at += piece.byteLength
      sums.packed += piece.byteLength
      if (at > MOST_BYTES || sums.plain > MOST_BYTES) throw new RangeError('The export is larger than 4 GiB.')
    }
    const sizes = [[sums.crc, 4], [sums.packed, 4], [sums.plain, 4]] as const
    const descriptor = record([[DESCRIPTOR, 4], ...sizes])
    yield descriptor
    at += descriptor.byteLength
    central.push(Buffer.concat([record([[CENTRAL, 4], [VERSION, 2], [VERSION, 2], [FLAGS, 2], [DEFLATE, 2], [0, 2], [FIRST_DAY, 2], ...sizes, [Buffer.byteLength(name), 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [from, 4]]), Buffer.from(name)]))
  }
  const directory = Buffer.concat(central)
  yield directory
  yield record([[END, 4], [0, 2], [0, 2], [central.length, 2], [central.length, 2], [directory.byteLength, 4], [at, 4], [0, 2]])
}

async function* deflate(content: AsyncIterable<string>, sums: { crc: number; plain: number }): AsyncGenerator<Buffer> {
  const packer = createDeflateRaw()
  const feed = async () => {
    for await (const text of content) {
      const bytes = Buffer.from(text)
      sums.crc = crc32(bytes, sums.crc)
      sums.plain += bytes.byteLength
      if (!packer.write(bytes)) await new Promise((resolve) => { packer.once('drain', resolve) })
    }
    packer.end()
  }
  feed().catch((error: unknown) => { packer.destroy(error instanceof Error ? error : new Error('The content of a file could not be read.')) })
  for await (const piece of packer) if (piece instanceof Buffer) yield piece
}

function record(fields: readonly (readonly [value: number, bytes: number])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [, bytes]) => sum + bytes, 0))
  let at = 0
  for (const [value, bytes] of fields) at = buffer.writeUIntLE(value, at, bytes)
  return buffer
}
