import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { VaultFailure } from '../../ports/key-vault.ts'
import { keyVaults } from './index.ts'
import { createLocalVault, newKeyText, parseKeyText } from './shared/local-key.ts'

let directory: string
beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'sallyport-vault-')) })
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })
const path = () => join(directory, 'deep', 'sallyport.key')
const noNetwork = () => Promise.reject(new Error('This vault needs no network.'))
const open = (mayCreate: boolean) => keyVaults['key-file'].open({ path: path() }, { keyId: mayCreate ? null : 'recorded', fetchConfigured: noNetwork })

describe('the key file', () => {
  test('is made for an empty store alone, readable by its owner alone, and read again', async () => {
    await expect(open(false)).rejects.toThrow(VaultFailure)
    const vault = await open(true)
    expect(await readFile(path(), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    expect((await stat(join(directory, 'deep'))).mode & 0o777).toBe(0o700)
    const again = await open(false)
    expect(again.keyId).toBe(vault.keyId)
    const wrapped = await vault.wrap(randomBytes(32), 'a')
    expect(await again.unwrap(wrapped, 'a')).toHaveLength(32)
  })

  test('of two that make it at once neither overwrites the other\'s', async () => {
    const outcomes = await Promise.allSettled([open(true), open(true), open(true)])
    const ids = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.keyId] : []))
    expect(ids.length).toBeGreaterThan(0)
    expect((await open(false)).keyId).toBe(ids[0])
    expect(new Set(ids).size).toBe(1)
  })

  test('with a key in another form is refused and kept', async () => {
    await open(true)
    for (const text of ['', 'zz', 'A'.repeat(64), 'a'.repeat(63), 'a'.repeat(65)]) {
      await writeFile(path(), text)
      await expect(open(true)).rejects.toThrow(/does not hold 64 hexadecimal digits/)
      expect(await readFile(path(), 'utf8')).toBe(text)
    }
  })
})

describe.each([['key file', async () => open(true)], ['local key', () => Promise.resolve(createLocalVault(randomBytes(32)))]] as const)('a vault over a %s', (_, make) => {
  test('gives back what it wrapped, never twice in the same form, in its own context alone', async () => {
    const vault = await make()
    const key = randomBytes(32)
    const [one, other] = [await vault.wrap(key, 'page-key'), await vault.wrap(key, 'page-key')]
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(false)
    expect(Buffer.from(one).includes(key)).toBe(false)
    expect(Buffer.from(await vault.unwrap(one, 'page-key')).equals(key)).toBe(true)
    await expect(vault.unwrap(one, 'data-key acc_1 1')).rejects.toThrow(VaultFailure)
  })

  test('opens nothing that was altered, cut, empty or wrapped by another', async () => {
    const vault = await make()
    const wrapped = await vault.wrap(randomBytes(32), 'a')
    for (let position = 0; position < wrapped.byteLength; position += 1) {
      const changed = Uint8Array.from(wrapped)
      changed[position] = (changed[position] ?? 0) ^ 1
      await expect(vault.unwrap(changed, 'a')).rejects.toThrow(VaultFailure)
    }
    for (const length of [0, 5, 28, wrapped.byteLength - 1]) await expect(vault.unwrap(wrapped.slice(0, length), 'a')).rejects.toThrow(VaultFailure)
    await expect(createLocalVault(randomBytes(32)).unwrap(wrapped, 'a')).rejects.toThrow(VaultFailure)
  })

  test('names its key without giving it away', async () => {
    expect((await make()).keyId).toMatch(/^[0-9a-f]{16}$/)
    expect(JSON.stringify(await make())).not.toMatch(/[0-9a-f]{40}/)
  })
})

test('a key has one written form', () => {
  expect(parseKeyText(newKeyText())).toHaveLength(32)
  expect(parseKeyText(` ${newKeyText()}\n`)).toHaveLength(32)
  for (const text of ['', 'x', newKeyText().slice(1), newKeyText().toUpperCase().replace(/\d/g, 'A'), `${newKeyText()}0`]) expect(parseKeyText(text)).toBeNull()
  expect(() => createLocalVault(randomBytes(16))).toThrow(/16 bytes where 32 are needed/)
})

describe('a key that the surroundings give', () => {
  const given = (text: string) => keyVaults['given-key'].open({ key: new Secret(text) })
  test('is read from hexadecimal digits and from base64, with line ends or without', async () => {
    const raw = randomBytes(32)
    const ids = await Promise.all([raw.toString('hex'), `${raw.toString('hex')}\n`, raw.toString('base64')].map(async (text) => (await given(text)).keyId))
    expect(new Set(ids).size).toBe(1)
  })
  test('is refused in any other form, and when there is none, without a word of what was given', async () => {
    for (const text of ['correct horse battery staple', randomBytes(31).toString('hex'), randomBytes(33).toString('base64')]) {
      const failure: unknown = await given(text).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(VaultFailure)
      expect(String(failure)).not.toContain(text)
    }
    await expect(keyVaults['given-key'].open({ key: null })).rejects.toThrow(/vault\.key is not set/)
  })
})

describe('a passphrase', () => {
  const words = 'seven grey herons cross the frozen river'
  const enter = (text: string | null, keyId: string | null) => keyVaults.passphrase.open({ passphrase: text === null ? null : new Secret(text) }, { keyId, fetchConfigured: noNetwork })
  test('opens what it closed, by the salt in the recorded name of the key', async () => {
    const made = await enter(words, null)
    const again = await enter(` ${words}\n`, made.keyId)
    const key = randomBytes(32)
    expect(Buffer.from(await again.unwrap(await made.wrap(key, 'a'), 'a')).equals(key)).toBe(true)
    expect(again.keyId).toBe(made.keyId)
    expect((await enter(words, null)).keyId).not.toBe(made.keyId)
  })
  test('is refused when it is another, too short for a new store, missing, or the store has none', async () => {
    const { keyId } = await enter(words, null)
    await expect(enter('seven grey herons cross the frozen rivers', keyId)).rejects.toThrow(/not the one that this store was made with/)
    await expect(enter('too short', null)).rejects.toThrow(/fewer than 20 characters/)
    await expect(enter(null, null)).rejects.toThrow(/vault\.passphrase is not set/)
    await expect(enter(words, 'a1b2c3d4e5f60718')).rejects.toThrow(/was not made with a passphrase/)
  })
})
