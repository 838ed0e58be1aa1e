import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { SERVER_KEYS } from '../../src/domains/secrets/index.ts'
import { openTestServer, PASSWORD } from '../../src/testing/server.ts'

test('keys, session tokens and passwords are kept as digests alone, and shown once', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const made = (await owner.call('POST', '/api/v1/keys', { name: 'laptop' })).json as { value: string; key: { id: string; start: string } }
  const token = owner.cookie.split('=')[1] ?? ''
  expect(made.value).toMatch(/^slp_[\w-]{43}[0-9a-f]{8}$/)

  const rows = await server.storedRows()
  const files = await server.storedBytes()
  for (const secret of [made.value, owner.key, token, PASSWORD]) {
    // Beyond the first characters, which tell keys apart.
    expect(rows).not.toContain(secret.slice(11))
    expect(files.includes(secret.slice(11))).toBe(false)
  }
  // The search finds what is there: the digest, and the characters that tell keys apart.
  const digest = createHash('sha256').update(made.value).digest()
  const row = await server.sallyport.database.read.selectFrom('api_key').select(['digest']).where('id', '=', made.key.id).executeTakeFirstOrThrow()
  expect(Buffer.from(row.digest).equals(digest)).toBe(true)
  expect(rows).toContain(made.key.start)
  expect(rows).not.toContain('laptop')

  const listed = (await owner.call('GET', '/api/v1/keys')).text
  expect(listed).toContain(made.key.start)
  expect(listed).not.toContain(made.value.slice(11))
  expect(made.key.start).toHaveLength(10)
})

test('a password is hashed with argon2id, with a salt of its own, and sealed', async () => {
  await using server = await openTestServer()
  await server.setUpOwner()
  const { domains: { keyRing }, database } = server.sallyport
  const { id, password_sealed: sealed } = await database.read.selectFrom('account').select(['id', 'password_sealed']).executeTakeFirstOrThrow()
  if (sealed === null) throw new Error('The account has no password.')
  const hash = (await keyRing.sealerOf(SERVER_KEYS)).open({ table: 'account', rowId: id, column: 'password_sealed' }, sealed)
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=(19456|[2-9]\d{4,}),t=[2-9],p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(await server.storedRows()).not.toContain('argon2id')
})
