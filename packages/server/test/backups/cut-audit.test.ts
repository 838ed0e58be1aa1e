import { expect, test } from 'vitest'
import { auditDays } from '../../src/policy/retention.ts'
import { rehearseRestore } from '../../src/ops/backup/index.ts'
import { openBackedUp } from './support.ts'

test('a server whose audit log was cut by its age proves the rest over the wire, after a restart, and out of a backup', async () => {
  await using made = await openBackedUp({ settings: { BACKUP_EVERY_HOURS: '168' } })
  const { server } = made
  const verify = async () => (await made.owner.call('POST', '/api/v1/audit/verify')).json
  expect(await verify()).toMatchObject({ ok: true, cut: null })
  server.clock.advance((auditDays.default + 2) * 86_400_000)
  const { audit } = await server.sallyport.domains.expire()
  expect(audit).toBeGreaterThan(5)
  made.owner = await server.renew(made.owner)
  const whole = { ok: true, brokenAt: null, cut: { through: audit } }
  expect(await verify()).toMatchObject(whole)
  await server.restart()
  made.owner = await server.renew(made.owner)
  expect(await verify()).toMatchObject(whole)
  const name = await made.backUp()
  const tried = await rehearseRestore(made.config, { name, identities: [made.identity] })
  expect(tried.auditEntries).toBeGreaterThan(1)
  // Where one entry more is gone, neither believes it.
  const { database } = server.sallyport
  await database.write([{ query: database.read.deleteFrom('audit_entry').where('sequence', '=', audit + 1).compile() }])
  expect(await verify()).toMatchObject({ ok: false, brokenAt: audit + 1 })
  const torn = await made.backUp()
  await expect(rehearseRestore(made.config, { name: torn, identities: [made.identity] })).rejects.toThrow(`The chain of the audit log in this backup is broken at entry ${audit + 1}.`)
}, 60_000)
