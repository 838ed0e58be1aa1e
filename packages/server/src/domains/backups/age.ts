import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { Decrypter, Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient, type Recipient } from 'age-encryption'
import { Secret } from '../../kernel/secret.ts'

// The age format (https://c2sp.org/age). Recipients, identities and the header are the library's; the payload's chunks are sealed
// with Node's own ChaCha20-Poly1305, which is several times as fast as one in JavaScript.

const CHUNK_BYTES = 65_536
const TAG_BYTES = 16
const NONCE_BYTES = 16
const COUNTER_BYTES = 12
/** Of a header: hundreds of recipients. */
const MOST_HEADER_BYTES = 1_048_576
const MAC_LINE = '\n--- '

/** The identity does not open a file, or the file is no whole age file. */
export class AgeFailure extends Error {
  override readonly name = 'AgeFailure'
}

export const isPostQuantum = (recipient: string) => recipient.startsWith('age1pq1')
/** Whether a text is a recipient that backups can be made for. */
export async function isRecipient(text: string): Promise<boolean> {
  try {
    await headerFor([text])
    return true
  } catch {
    return false
  }
}

/** A new identity, of which only the recipient is ever kept. */
export async function newIdentity(postQuantum: boolean): Promise<{ readonly identity: Secret; readonly recipient: string }> {
  const identity = await (postQuantum ? generateHybridIdentity() : generateX25519Identity())
  return { identity: new Secret(identity), recipient: await identityToRecipient(identity) }
}

/** The secret identities in a text as age-keygen writes it: one a line, beside empty lines and comments. */
export const parseIdentities = (text: string): readonly Secret[] =>
  text.split(/\r?\n/).map((line) => line.trim()).filter((line) => /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/.test(line)).map((line) => new Secret(line))

/** Seals a stream of bytes for recipients. Gives the bytes of an age file. */
export async function* sealAge(recipients: readonly string[], source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const { header, fileKey } = await headerFor(recipients)
  const nonce = randomBytes(NONCE_BYTES)
  yield Buffer.concat([header, nonce])
  const key = payloadKey(fileKey, nonce)
  let counter = 0
  let rest: Uint8Array = Buffer.alloc(0)
  for await (const piece of source) {
    // The last chunk is marked, and is empty only in an empty file: one byte more than a chunk must be there before one is cut.
    if (rest.byteLength + piece.byteLength <= CHUNK_BYTES) { rest = Buffer.concat([rest, piece]); continue }
    let from = CHUNK_BYTES - rest.byteLength
    yield* sealChunk(key, counterOf(counter++, false), [rest, piece.subarray(0, from)])
    for (; piece.byteLength - from > CHUNK_BYTES; from += CHUNK_BYTES) yield* sealChunk(key, counterOf(counter++, false), [piece.subarray(from, from + CHUNK_BYTES)])
    rest = Buffer.from(piece.subarray(from))
  }
  yield* sealChunk(key, counterOf(counter, true), [rest])
}

/** Opens the age file at a path. Every piece that it gives was proved; only when it ends is it known that nothing was cut. Throws `AgeFailure`. */
export async function* openAge(path: string, identities: readonly Secret[]): AsyncGenerator<Buffer> {
  const file = await open(path, 'r')
  try {
    const header = await readHeader(file)
    const fileKey = await fileKeyOf(header, identities)
    const nonce = await readExactly(file, header.byteLength, NONCE_BYTES)
    if (nonce.byteLength < NONCE_BYTES) throw new AgeFailure('The file is cut.')
    const key = payloadKey(fileKey, nonce)
    let at = header.byteLength + NONCE_BYTES
    let chunk = await readExactly(file, at, CHUNK_BYTES + TAG_BYTES)
    for (let counter = 0; ; counter += 1) {
      at += chunk.byteLength
      const next = await readExactly(file, at, CHUNK_BYTES + TAG_BYTES)
      const isLast = next.byteLength === 0
      if (isLast && counter > 0 && chunk.byteLength <= TAG_BYTES) throw new AgeFailure('The file is cut or was altered.')
      yield openChunk(key, counterOf(counter, isLast), chunk)
      if (isLast) return
      chunk = next
    }
  } finally {
    await file.close()
  }
}

/** A header for recipients, with the key that they will find in it. */
async function headerFor(recipients: readonly string[]): Promise<{ readonly header: Buffer; readonly fileKey: Uint8Array }> {
  let fileKey: Uint8Array | null = null
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  const observer: Recipient = { wrapFileKey: (key) => { fileKey = Uint8Array.from(key); return [] } }
  encrypter.addRecipient(observer)
  const empty = Buffer.from(await encrypter.encrypt(new Uint8Array(0)))
  if (fileKey === null) throw new AgeFailure('No file key was made.')
  return { header: empty.subarray(0, -(NONCE_BYTES + TAG_BYTES)), fileKey }
}

async function fileKeyOf(header: Uint8Array, identities: readonly Secret[]): Promise<Uint8Array> {
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity.reveal())
    return await decrypter.decryptHeader(header)
  } catch (error) {
    throw new AgeFailure('This identity does not open the file: it was made for another recipient, or its beginning was altered.', { cause: error })
  }
}

async function readHeader(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat()
  const beginning = await readExactly(file, 0, Math.min(size, MOST_HEADER_BYTES))
  const mac = beginning.indexOf(MAC_LINE)
  const end = mac < 0 ? -1 : beginning.indexOf('\n', mac + MAC_LINE.length)
  if (!beginning.subarray(0, 22).equals(Buffer.from('age-encryption.org/v1\n')) || end < 0) throw new AgeFailure('The file is no age file, or its beginning was altered.')
  return beginning.subarray(0, end + 1)
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let got = 0
  while (got < length) {
    const { bytesRead } = await file.read(buffer, got, length - got, position + got)
    if (bytesRead === 0) break
    got += bytesRead
  }
  return buffer.subarray(0, got)
}

const payloadKey = (fileKey: Uint8Array, nonce: Uint8Array): KeyObject => createSecretKey(Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32)))

function counterOf(counter: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(COUNTER_BYTES)
  nonce.writeUIntBE(counter, COUNTER_BYTES - 7, 6)
  nonce[COUNTER_BYTES - 1] = isLast ? 1 : 0
  return nonce
}

// Its parts one by one, as the cipher gives them: put together first, they would cost a copy of all, and a collector that frees it.
function sealChunk(key: KeyObject, nonce: Buffer, plain: readonly Uint8Array[]): readonly Buffer[] {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES })
  const sealed = plain.map((part) => cipher.update(part))
  cipher.final()
  return [...sealed, cipher.getAuthTag()]
}

function openChunk(key: KeyObject, nonce: Buffer, sealed: Buffer): Buffer {
  if (sealed.byteLength < TAG_BYTES) throw new AgeFailure('The file is cut.')
  try {
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES }).setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch (error) {
    throw new AgeFailure('The file was altered or is cut.', { cause: error })
  }
}
