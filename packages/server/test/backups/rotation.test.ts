import { Conversation } from '@sallyport/contract'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { sealedVersion } from '../../src/kernel/seal.ts'
import { restoreBackup } from '../../src/ops/backup/index.ts'
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
