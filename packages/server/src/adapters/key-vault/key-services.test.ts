import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { createEgress, type Egress } from '../../kernel/egress.ts'
import { Secret } from '../../kernel/secret.ts'
import { defaultEgressRules } from '../../policy/egress.ts'
import { VaultFailure, type KeyVault } from '../../ports/key-vault.ts'
import { openKmsService, openTransitService, type KeyService } from '../../testing/key-service.ts'
import { keyVaults } from './index.ts'

const TOKEN = 'a token of the tests'
const AWS = { accessKeyId: 'EXAMPLEACCESSKEY', secretAccessKey: 'a secret of the tests', region: 'eu-central-1', alias: 'alias/sallyport', arn: 'arn:aws:kms:eu-central-1:111122223333:key/0f1e2d3c' } as const

interface Rig { readonly name: string; readonly open: (service: KeyService, credential?: string) => Promise<KeyVault>; readonly serve: () => Promise<KeyService> }
let egress: Egress
beforeAll(() => { egress = createEgress({ clock: systemClock, rules: defaultEgressRules }) })
afterAll(async () => { await egress.close() })

const opening = (service: KeyService) => {
  egress.list(service.url, { origin: new URL(service.url), allowPrivateAddress: true })
  return { keyId: null, fetchConfigured: egress.fetchConfigured.bind(egress) }
}
const rigs: readonly Rig[] = [
  {
    name: 'transit', serve: () => openTransitService({ token: TOKEN, key: 'sallyport' }),
    open: (service, token = TOKEN) => keyVaults.transit.open({ address: service.url, token: new Secret(token), mount: 'transit', key: 'sallyport', namespace: null }, opening(service)),
  },
  {
    name: 'AWS KMS', serve: () => openKmsService(AWS),
    open: (service, secret = AWS.secretAccessKey) => keyVaults['aws-kms'].open({ region: AWS.region, keyId: AWS.alias, endpoint: service.url, accessKeyId: new Secret(AWS.accessKeyId), secretAccessKey: new Secret(secret), sessionToken: null }, opening(service)),
  },
]

describe.each(rigs)('a vault over $name', ({ open, serve }) => {
  test('gives back what it wrapped, in its own context alone, and the key never comes here', async () => {
    await using service = await serve()
    const vault = await open(service)
    const keys = [randomBytes(32), randomBytes(32), randomBytes(16)]
    for (const key of keys) {
      const wrapped = await vault.wrap(key, 'data-key acc_1 1')
      expect(Buffer.from(wrapped).includes(key)).toBe(false)
      expect(Buffer.from(await vault.unwrap(wrapped, 'data-key acc_1 1')).equals(key)).toBe(true)
      await expect(vault.unwrap(wrapped, 'data-key acc_2 1')).rejects.toThrow(VaultFailure)
      const changed = Uint8Array.from(wrapped)
      changed[wrapped.byteLength - 5] = (changed[wrapped.byteLength - 5] ?? 0) === 65 ? 66 : 65
      await expect(vault.unwrap(changed, 'data-key acc_1 1')).rejects.toThrow(VaultFailure)
    }
  })

  test('names the same key at every start', async () => {
    await using service = await serve()
    expect((await open(service)).keyId).toBe((await open(service)).keyId)
    expect((await open(service)).keyId).toMatch(/^[\w:./+=@-]{1,200}$/)
  })

  test('refuses a wrong credential at the start, in words that do not hold it', async () => {
    await using service = await serve()
    const failure: unknown = await open(service, 'another secret altogether').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(VaultFailure)
    expect(String(failure)).toMatch(/refuses/)
    expect(String(failure)).not.toContain('another secret altogether')
  })

  test('says what is wrong when the service is sealed, refuses, or is something else', async () => {
    await using service = await serve()
    const vault = await open(service)
    const wrapped = await vault.wrap(randomBytes(32), 'a')
    for (const [mood, words] of [['sealed', /does not answer/], ['refuses', /refuses/], ['garbled', /no (wrapped )?key/]] as const) {
      service.mood = mood
      await expect(vault.unwrap(wrapped, 'a')).rejects.toThrow(words)
    }
    service.mood = 'well'
    expect(await vault.unwrap(wrapped, 'a')).toHaveLength(32)
  })

  test('tries again when the service was away for a moment, and not when it refused', async () => {
    await using service = await serve()
    const vault = await open(service)
    const wrapped = await vault.wrap(randomBytes(32), 'a')
    service.mood = 'sealed'
    setTimeout(() => { service.mood = 'well' }, 100)
    expect(await vault.unwrap(wrapped, 'a')).toHaveLength(32)
    service.mood = 'refuses'
    const before = service.calls.length
    await expect(vault.unwrap(wrapped, 'a')).rejects.toThrow(VaultFailure)
    expect(service.calls.length - before).toBe(1)
  })
})
