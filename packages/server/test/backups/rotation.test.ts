import { createHmac, createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupCheck, BackupState, Conversation, ErasureCertificate, ErasureCheck } from '@sallyport/contract'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { MANIFEST_MARK } from '../../src/domains/backups/index.ts'
import { createCertifier } from '../../src/domains/privacy/certificate.ts'
import { SERVER_KEYS } from '../../src/domains/secrets/index.ts'
import { sealedVersion } from '../../src/kernel/seal.ts'
import { rehearseRestore, restoreBackup } from '../../src/ops/backup/index.ts'
import { dataKeyRotation } from '../../src/policy/data-keys.ts'
import { openBackedUp, PLANTED, type BackedUp } from './support.ts'

const HOUR = dataKeyRotation.retireAfterSeconds * 1_000 + 1
const DAY = 24 * 3_600_000
const Titles = z.object({ items: z.array(Conversation) })

async function rotate({ server, owner }: BackedUp): Promise<void> {
  expect((await owner.call('POST', '/api/v1/data-keys/rotation', {})).status).toBe(200)
  const { dataKeys } = server.sallyport.domains
  await dataKeys.settled()
  server.clock.advance(HOUR)
  await dataKeys.look()
}
const versions = async ({ server, owner }: BackedUp) =>
  (await server.sallyport.database.read.selectFrom('data_key').select('version').where('owner_id', '=', owner.account.id).orderBy('version').execute()).map(({ version }) => version)

test('a backup from before a rotation can be restored after it, and is sealed anew by itself', async () => {
  await using made = await openBackedUp()
  const before = await made.backUp()
  await rotate(made)
  expect(await versions(made), 'the former version is kept, wrapped, for the backup').toEqual([0, 1, 2])
  made.owner = await made.server.renew(made.owner)
  await made.backUp()

  await made.server.sallyport.close()
  await restoreBackup(made.config, { name: before, identities: [made.identity] })
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  const { dataKeys } = made.server.sallyport.domains
  await dataKeys.look()
  expect(Titles.parse((await made.owner.call('GET', '/api/v1/conversations')).json).items[0]?.title).toBe(`${PLANTED} title`)
  const rows = await made.server.sallyport.database.read.selectFrom('message').select('text_sealed').execute()
  expect(rows.map(({ text_sealed }) => sealedVersion(text_sealed))).toEqual(rows.map(() => 2))
}, 60_000)

test('a former version is destroyed when the last backup that may need it is gone, also from the keys that are backed up', async () => {
  await using made = await openBackedUp({ settings: { BACKUP_KEEP_DAILY: '1', BACKUP_KEEP_WEEKLY: '1', BACKUP_KEEP_MONTHLY: '1' } })
  await made.backUp()
  await rotate(made)
  expect(await versions(made)).toEqual([0, 1, 2])
  made.server.clock.advance(40 * DAY)
  made.owner = await made.server.renew(made.owner)
  const after = await made.backUp()
  await made.server.sallyport.domains.dataKeys.look()
  expect(await versions(made)).toEqual([0, 2])
  await made.backUp()
  await made.server.sallyport.close()
  await restoreBackup(made.config, { name: after, identities: [made.identity] })
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  expect(Titles.parse((await made.owner.call('GET', '/api/v1/conversations')).json).items[0]?.title).toBe(`${PLANTED} title`)
  expect(await versions(made)).toEqual([0, 2])
}, 60_000)

const Marked = z.looseObject({ mac: z.string(), macKeyVersion: z.number().optional() })
type Marked = z.output<typeof Marked>
const manifestPath = ({ folder }: BackedUp, name: string) => join(folder, `${name}.json`)
const readManifest = async (made: BackedUp, name: string): Promise<Marked> => Marked.parse(JSON.parse(await readFile(manifestPath(made, name), 'utf8')))
const putManifest = (made: BackedUp, name: string, manifest: object) => writeFile(manifestPath(made, name), `${JSON.stringify(manifest, null, 2)}\n`)
/** What is said of a backup: without opening it, in the list, and when it is opened to be restored. */
async function saidOf(made: BackedUp, name: string): Promise<{ readonly check: string | null; readonly list: string | null | undefined; readonly opened: string | null }> {
  const { problem: check } = BackupCheck.parse((await made.owner.call('POST', `/api/v1/backups/${name}/check`)).json)
  const list = BackupState.parse((await made.owner.call('GET', '/api/v1/backups')).json).items.find((item) => item.name === name)?.problem
  const opened = await rehearseRestore(made.config, { name, identities: [made.identity] }).then(() => null, (error: unknown) => (error instanceof Error ? error.message : String(error)))
  return { check, list, opened }
}
const GOOD = { check: null, list: null, opened: null }

test('manifests say which version of the key marked them, and those from before a rotation are believed after it, also when that key is destroyed', async () => {
  await using made = await openBackedUp()
  const before = await made.backUp()
  const { macKeyVersion: _unsaid, mac: _mac, ...fields } = await readManifest(made, before)
  await rotate(made)
  made.owner = await made.server.renew(made.owner)
  const after = await made.backUp()
  expect([(await readManifest(made, before)).macKeyVersion, (await readManifest(made, after)).macKeyVersion]).toEqual([1, 2])
  // The key of the first version goes; its root, which opens nothing, stays.
  await made.server.sallyport.database.write([{ query: made.server.sallyport.database.read.deleteFrom('data_key').where('owner_id', '=', 'server').where('version', '=', 1).compile() }])
  const again = await made.backUp()
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  for (const name of [before, after, again]) expect(await saidOf(made, name), name).toEqual(GOOD)

  // One that was made before manifests said their version.
  const keys = (await made.server.sallyport.domains.keyRing.sealerOf(SERVER_KEYS)).versionsFor(MANIFEST_MARK)
  const [first, second] = [keys.of(1), keys.of(2)]
  if (first === null || second === null) throw new Error('There are two versions.')
  const mark = (of: object, key: KeyObject) => createHmac('sha256', key).update(JSON.stringify(of, (_, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1))) : inner))).digest('hex')
  await putManifest(made, before, { ...fields, mac: mark(fields, first) })
  expect(await saidOf(made, before), 'an older manifest').toEqual(GOOD)
  await putManifest(made, before, { ...fields, mac: mark(fields, second) })
  expect((await saidOf(made, before)).opened, 'marked by another version than the first').toContain('altered')
}, 90_000)

test('a manifest with a forged version is refused, and one with a version that this store never had says so', async () => {
  await using made = await openBackedUp()
  const before = await made.backUp()
  await rotate(made)
  made.owner = await made.server.renew(made.owner)
  await made.backUp()
  const manifest = await readManifest(made, before)
  expect(await saidOf(made, before)).toEqual(GOOD)
  await putManifest(made, before, { ...manifest, macKeyVersion: 2 })
  for (const said of Object.values(await saidOf(made, before))) expect(said).toContain('It was altered, or was not made by this store.')
  await putManifest(made, before, { ...manifest, macKeyVersion: 9 })
  for (const said of Object.values(await saidOf(made, before))) expect(said).toContain('version 9 of this store\'s key has marked it, and this store has no such version')
  for (const macKeyVersion of [0, -2, 1.5, '2']) {
    await putManifest(made, before, { ...manifest, macKeyVersion })
    expect((await saidOf(made, before)).opened, String(macKeyVersion)).toContain('damaged')
  }
  await putManifest(made, before, manifest)
  expect(await saidOf(made, before), 'as it was').toEqual(GOOD)
}, 90_000)

test('certificates of erasures say which version of the key signed them, and hold after rotations, restarts and a restore; a forged or unknown version does not', async () => {
  await using made = await openBackedUp()
  const erase = async (name: string) => ErasureCertificate.parse((await made.owner.call('DELETE', `/api/v1/accounts/${(await made.server.addAccount(name)).account.id}`)).json)
  const signatureOf = async (certificate: ErasureCertificate) => ErasureCheck.parse((await made.owner.call('POST', '/api/v1/erasures/verify', certificate)).json).checks.find(({ what }) => what === 'signature')
  const first = await erase('first')
  await rotate(made)
  made.owner = await made.server.renew(made.owner)
  const second = await erase('second')
  expect([first.signingKeyVersion, second.signingKeyVersion]).toEqual([1, 2])
  expect(second.publicKey).not.toBe(first.publicKey)
  const backup = await made.backUp()
  await made.server.sallyport.database.write([{ query: made.server.sallyport.database.read.deleteFrom('data_key').where('owner_id', '=', 'server').where('version', '=', 1).compile() }])
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  for (const certificate of [first, second]) expect(await signatureOf(certificate)).toMatchObject({ ok: true })
  const listed = z.object({ items: z.array(ErasureCertificate) }).parse((await made.owner.call('GET', '/api/v1/erasures')).json).items
  expect(listed.map(({ signingKeyVersion, publicKey }) => ({ signingKeyVersion, publicKey })), 'each as it was given').toEqual([second, first].map(({ signingKeyVersion, publicKey }) => ({ signingKeyVersion, publicKey })))

  const { signingKeyVersion: _first, ...unsaid } = first
  for (const forged of [{ ...first, signingKeyVersion: 2 }, { ...first, signingKeyVersion: 2, publicKey: second.publicKey }, { ...second, signingKeyVersion: 1 }, unsaid]) expect(await signatureOf(forged)).toMatchObject({ ok: false, detail: expect.stringContaining('It was changed') as unknown })
  expect(await signatureOf({ ...first, signingKeyVersion: 9 })).toMatchObject({ ok: false, detail: expect.stringContaining('version 9 of this server\'s key has signed it, and this server has no such version') as unknown })

  await made.server.sallyport.close()
  await restoreBackup(made.config, { name: backup, identities: [made.identity] })
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  for (const certificate of [first, second]) expect(await signatureOf(certificate), 'after a restore').toMatchObject({ ok: true })
}, 90_000)

test('a certificate that was signed before certificates said their version still holds', async () => {
  await using made = await openBackedUp()
  await rotate(made)
  made.owner = await made.server.renew(made.owner)
  const { certify } = createCertifier((await made.server.sallyport.domains.keyRing.sealerOf(SERVER_KEYS)).versionsFor('erasure certificates'))
  const given = ErasureCertificate.parse((await made.owner.call('DELETE', `/api/v1/accounts/${(await made.server.addAccount('somebody')).account.id}`)).json)
  const { publicKey: _key, signature: _signature, signingKeyVersion: _version, ...facts } = given
  const { publicKey } = certify(facts, 1)
  // As the former form had it: the facts alone, signed by the key of the first version.
  const older = { ...facts, publicKey, signature: signOlder(facts, (await made.server.sallyport.domains.keyRing.sealerOf(SERVER_KEYS)).derive('erasure certificates')) }
  const { checks } = ErasureCheck.parse((await made.owner.call('POST', '/api/v1/erasures/verify', older)).json)
  expect(checks.find(({ what }) => what === 'signature')).toMatchObject({ ok: true })
}, 60_000)

function signOlder(facts: object, seed: KeyObject): string {
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed.export()]), format: 'der', type: 'pkcs8' })
  const text = JSON.stringify(facts, (_, value: unknown) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))) : value))
  return sign(null, Buffer.from(`sallyport erasure certificate\n${text}`), key).toString('base64url')
}
