import { randomBytes, randomInt } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decrypter, Encrypter } from 'age-encryption'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Secret } from '../../kernel/secret.ts'
import { isRecipient, newIdentity, openAge, parseIdentities, sealAge } from './age.ts'

let folder: string
let own: Awaited<ReturnType<typeof newIdentity>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-age-'))
  own = await newIdentity(false)
})
afterAll(async () => { await rm(folder, { recursive: true }) })

async function* pieces(bytes: Buffer, most: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + randomInt(most)
    yield bytes.subarray(at, at + length)
    at += length
  }
}
const gather = async (source: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = []
  for await (const piece of source) all.push(piece)
  return Buffer.concat(all)
}
const seal = async (bytes: Buffer, recipients = [own.recipient], most = 100_000) => gather(sealAge(recipients, pieces(bytes, most)))
const open = async (sealed: Buffer, identities: readonly Secret[] = [own.identity]) => {
  const path = join(folder, 'sealed')
  await writeFile(path, sealed)
  return gather(openAge(path, identities))
}
/** Around the size of a chunk, where the format has its corners. */
const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000]

test('what it seals, the library opens, and the other way round', async () => {
  for (const size of sizes) {
    const bytes = randomBytes(size)
    const decrypter = new Decrypter()
    decrypter.addIdentity(own.identity.reveal())
    expect(Buffer.from(await decrypter.decrypt(await seal(bytes))).equals(bytes), `${size}`).toBe(true)
    const encrypter = new Encrypter()
    encrypter.addRecipient(own.recipient)
    expect((await open(Buffer.from(await encrypter.encrypt(bytes)))).equals(bytes), `${size}`).toBe(true)
  }
})
test.skipIf(spawnSync('age', ['--version']).status !== 0)('what it seals, the age of the system opens, for each of several recipients', async () => {
  const second = await newIdentity(false)
  for (const size of sizes) {
    const bytes = randomBytes(size)
    const path = join(folder, 'sealed')
    await writeFile(path, await seal(bytes, [own.recipient, second.recipient], 5_000))
    for (const { identity } of [own, second]) {
      await writeFile(join(folder, 'identity'), identity.reveal())
      const { status, stdout } = spawnSync('age', ['-d', '-i', join(folder, 'identity'), path], { maxBuffer: 1e8 })
      expect(status).toBe(0)
      expect(stdout.equals(bytes)).toBe(true)
    }
  }
})
test('a post-quantum recipient opens too', async () => {
  const quantum = await newIdentity(true)
  const bytes = randomBytes(70_000)
  expect((await open(await seal(bytes, [quantum.recipient]), [quantum.identity])).equals(bytes)).toBe(true)
})
test('no flipped bit, no cut and no swapped chunk goes unseen', async () => {
  const sealed = await seal(randomBytes(200_000))
  const header = sealed.indexOf('\n--- ') + 49
  for (let round = 0; round < 60; round += 1) {
    const at = round < 20 ? randomInt(header) : randomInt(sealed.length)
    const flipped = Buffer.from(sealed)
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << randomInt(8)), at)
    await expect(open(flipped), `bit at ${at}`).rejects.toThrow()
    await expect(open(sealed.subarray(0, at)), `cut at ${at}`).rejects.toThrow()
  }
  // Whole chunks away, at the end and in the middle.
  const payload = sealed.length - (200_000 + 4 * 16)
  const chunk = (index: number) => sealed.subarray(payload + index * 65_552, payload + (index + 1) * 65_552)
  for (const order of [[0, 1, 2], [1, 0, 2, 3], [0, 2, 3], [0, 1, 2, 3, 3]]) await expect(open(Buffer.concat([sealed.subarray(0, payload), ...order.map(chunk)])), order.join()).rejects.toThrow()
  expect((await open(Buffer.concat([sealed.subarray(0, payload), ...[0, 1, 2, 3].map(chunk)]))).length).toBe(200_000)
})
test('another identity does not open it', async () => {
  await expect(open(await seal(randomBytes(10)), [(await newIdentity(false)).identity])).rejects.toThrow('does not open the file')
})
test('identities are read as age-keygen writes them, and a mistyped recipient is none', async () => {
  const text = `# created: 2026-11-21\n# public key: ${own.recipient}\n${own.identity.reveal()}\n\n`
  expect(parseIdentities(text).map((identity) => identity.reveal())).toEqual([own.identity.reveal()])
  expect(parseIdentities('nothing')).toEqual([])
  expect(await isRecipient(own.recipient)).toBe(true)
  expect(await isRecipient(own.recipient.slice(0, -1) + (own.recipient.endsWith('q') ? 'p' : 'q'))).toBe(false)
})
