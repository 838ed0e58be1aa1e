import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sealedVersion } from '../../src/kernel/seal.ts'
import { openStore } from '../../src/compose/store.ts'
import { migrationNames } from '../../src/database/migrate.ts'
import { openAge } from '../../src/domains/backups/index.ts'
import type { Secret } from '../../src/kernel/secret.ts'
import { extractConversation, listBackedUpConversations, newIdentity, restoreBackup, restoreConversation } from '../../src/ops/backup/index.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import type { Person } from '../../src/testing/server.ts'
import { configOf, MODEL, openBackedUp, PLANTED, rowsOf, type BackedUp } from './support.ts'

const WORD = 'quince'

/** A conversation of a person's with a title, a question with its answer, and a rating with a comment. */
async function converse(person: Person): Promise<string> {
  const id = await person.newConversation()
  await person.call('POST', `/api/v1/conversations/${id}/turns`, { text: `What of ${WORD} and ${PLANTED}?`, model: MODEL })
  await person.call('PATCH', `/api/v1/conversations/${id}`, { title: `${WORD} title` })
  const answer = (await messagesOf(person, id)).find(({ role }) => role === 'assistant')
  await person.call('PUT', `/api/v1/messages/${answer?.id}/feedback`, { rating: 'up', comment: `${WORD} comment` })
  return id
}
const messagesOf = async (person: Person, id: string) => ((await person.call('GET', `/api/v1/conversations/${id}/messages`)).json as { readonly items: readonly { readonly id: string; readonly role: string }[] }).items
const refusal = ({ config, identity }: BackedUp, name: string, { id, ...choice }: { readonly id: string; readonly folder?: string; readonly identities?: readonly Secret[] }) =>
  restoreConversation(config, { name, identities: [identity], conversationId: id, ...choice }).then(() => 'restored', (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'thrown'))

/** What the store of a server that does not run holds. */
async function rowsAtRest({ config }: BackedUp) {
  const { database, directory } = await openStore(config)
  try {
    return await rowsOf({ sallyport: { database } })
  } finally {
    await database.close()
    directory.release()
  }
}

/** What a conversation is for its owner, before it goes and after it is back. */
const seenBy = async (person: Person, id: string) => ({
  conversation: { ...(await person.call('GET', `/api/v1/conversations/${id}`)).json as object, updatedAt: null }, messages: await messagesOf(person, id),
})

async function loseAndRestore(made: BackedUp): Promise<void> {
  const somebody = await made.server.addAccount('somebody')
  const [id, kept] = [await converse(somebody), await converse(somebody)]
  const before = await seenBy(somebody, id)
  const name = await made.backUp()
  await somebody.call('DELETE', `/api/v1/conversations/${id}`)
  await somebody.call('PATCH', `/api/v1/conversations/${kept}`, { title: 'Written after the backup' })
  await made.owner.call('POST', '/api/v1/data-keys/rotation', { accountId: somebody.account.id })
  await made.server.sallyport.domains.dataKeys.settled()
  const others = await rowsOf(made.server)
  await made.server.sallyport.close()
  expect((await listBackedUpConversations(made.config, { name, identities: [made.identity], accountId: somebody.account.id })).map(({ id: each, messages }) => [each, messages])).toEqual([[kept, 2], [id, 2]])
  expect(await restoreConversation(made.config, { name, identities: [made.identity], conversationId: id })).toMatchObject({ conversationId: id, accountId: somebody.account.id, messages: 2 })
  await made.server.restart()
  const rows = await rowsOf(made.server)
  const { title_sealed: title } = await made.server.sallyport.database.read.selectFrom('conversation').select('title_sealed').where('id', '=', id).executeTakeFirstOrThrow()
  expect(sealedVersion(title), 'sealed with the key of now').toBe(2)
  expect({ ...rows, conversation: rows['conversation']?.filter((row) => !row.includes(id)), message: rows['message']?.filter((row) => !row.includes(id)) }, 'everything else is as it was').toEqual(others)
  const again = await made.server.renew(somebody)
  expect(await seenBy(again, id)).toEqual(before)
  const found = (await again.call('POST', '/api/v1/conversations/search', { text: WORD })).text
  expect(found).toContain(id)
  expect((await made.server.renew(made.owner).then((owner) => { made.owner = owner; return owner.call('GET', '/api/v1/audit') })).text).toContain('"conversation-restored"')
  expect((await made.owner.call('POST', '/api/v1/audit/verify')).json).toMatchObject({ ok: true })
}

test('one conversation is put back alone, with everything that it held, and nothing else changes', async () => {
  await using made = await openBackedUp()
  await loseAndRestore(made)
}, 120_000)
describeWith('postgres', 'the scaled store', () => {
  test('takes one conversation back alone', async () => {
    await using database = await createPostgresDatabase()
    await using made = await openBackedUp({ settings: { STORE_URL: database.url } })
    await loseAndRestore({ ...made, config: configOf(made.server, { SALLYPORT_STORE_URL: database.url }) })
  }, 120_000)
})

test('nothing is put back over a conversation that is there, nor into nothing, nor while a server runs', async () => {
  await using made = await openBackedUp()
  const somebody = await made.server.addAccount('somebody')
  const id = await converse(somebody)
  const name = await made.backUp()
  expect(await refusal(made, name, { id })).toContain('Another Sallyport uses')
  await somebody.call('POST', `/api/v1/conversations/${id}/clear`)
  await made.server.sallyport.close()
  const live = await rowsAtRest(made)
  expect(await refusal(made, name, { id }), 'emptied, and there').toMatch(/^BackupRefused: .*is there already/)
  expect(await refusal(made, name, { id: 'cnv_of_nobody' })).toMatch(/^BackupRefused: .*holds no conversation/)
  expect(await refusal(made, name, { id, identities: [(await newIdentity(false)).identity] })).toContain('does not open the file')
  expect(await rowsAtRest(made)).toEqual(live)
  await rm(made.server.dataDirectory, { recursive: true })
  expect(await refusal(made, name, { id })).toContain('There is no store here yet')
}, 60_000)

test('a conversation of another store is refused, though the identity opens its backup', async () => {
  await using made = await openBackedUp()
  await using other = await openBackedUp()
  const id = await converse(other.owner)
  const name = await other.backUp()
  await made.server.sallyport.close()
  expect(await refusal(made, name, { id, folder: other.folder, identities: [other.identity] })).toMatch(/^BackupRefused: .*of another store/)
}, 60_000)

test('what was ephemeral is not put back', async () => {
  await using made = await openBackedUp()
  const { id } = (await made.owner.call('POST', '/api/v1/conversations', { title: 'Soon gone', ephemeral: true })).json as { readonly id: string }
  const name = await made.backUp()
  await made.owner.call('DELETE', `/api/v1/conversations/${id}`)
  await made.server.sallyport.close()
  expect(await refusal(made, name, { id })).toMatch(/^BackupRefused: .*ephemeral/)
  expect((await listBackedUpConversations(made.config, { name, identities: [made.identity], accountId: made.owner.account.id })).map((each) => each.id)).not.toContain(id)
}, 60_000)

test.each(['account', 'key', 'version'] as const)('a conversation whose owner\'s %s is gone does not come back, from a copy of the backups that was taken before', async (gone) => {
  await using made = await openBackedUp()
  const somebody = await made.server.addAccount('somebody')
  const [id, account] = [await converse(somebody), somebody.account.id]
  const name = await made.backUp()
  const folder = join(made.server.configDirectory, 'copy')
  await cp(made.folder, folder, { recursive: true })
  const { database } = made.server.sallyport
  await somebody.call('DELETE', `/api/v1/conversations/${id}`)
  if (gone === 'account') expect((await made.owner.call('DELETE', `/api/v1/accounts/${account}`)).status).toBe(200)
  if (gone === 'key') await database.write([{ query: database.read.deleteFrom('data_key').where('owner_id', '=', account).compile() }])
  if (gone === 'version') {
    await made.owner.call('POST', '/api/v1/data-keys/rotation', { accountId: account })
    await made.server.sallyport.domains.dataKeys.settled()
    await database.write([{ query: database.read.deleteFrom('data_key').where('owner_id', '=', account).where('version', '=', 1).compile() }])
  }
  await made.server.sallyport.close()
  const live = await rowsAtRest(made)
  expect(await refusal(made, name, { id, folder })).toMatch({ account: /^BackupRefused: The account .* was erased/, key: /^BackupRefused: The key .* was erased/, version: /^BackupRefused: A text .* does not open/ }[gone])
  expect(await rowsAtRest(made)).toEqual(live)
}, 60_000)

test('the command line lists what a backup holds of an account, and puts one conversation back', async () => {
  await using made = await openBackedUp()
  const id = await converse(made.owner)
  const name = await made.backUp()
  await made.owner.call('DELETE', `/api/v1/conversations/${id}`)
  await made.server.sallyport.close()
  const run = async (...words: readonly string[]) => {
    const command = spawn(process.execPath, [join(import.meta.dirname, '../../../cli/src/main.ts'), 'backup', ...words, '--identity', made.identityFile, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: made.server.dataDirectory, SALLYPORT_CONFIG_DIR: made.server.configDirectory },
    })
    const [printed, [status]] = await Promise.all([text(command.stdout), once(command, 'exit') as Promise<[number]>])
    return { printed, status }
  }
  const listed = await run('conversations', name, '--account', made.owner.account.id)
  expect(listed).toMatchObject({ status: 0 })
  expect(listed.printed).toContain(id)
  for (const kept of [PLANTED, WORD]) expect(listed.printed, 'no title and no text').not.toContain(kept)
  expect(await run('restore', name, '--conversation', id)).toMatchObject({ status: 0 })
  expect((await run('restore', name, '--conversation', id)).status, 'it is there now').not.toBe(0)
}, 60_000)

test('one conversation is backed up alone: by id, with messages, date and version, 0600, and without the keys of its account', async () => {
  await using made = await openBackedUp()
  const somebody = await made.server.addAccount('somebody')
  const id = await converse(somebody)
  const before = await seenBy(somebody, id)
  const name = await made.backUp()
  const to = join(made.server.configDirectory, 'alone')
  const { identity } = made
  const extracted = await extractConversation(made.config, { name, identities: [identity], conversationId: id, to })
  expect(extracted).toMatchObject({ conversationId: id, accountId: somebody.account.id, messages: 2 })
  for (const file of await readdir(to)) expect((await stat(join(to, file))).mode & 0o777, file).toBe(0o600)
  const manifest = JSON.parse(await readFile(join(to, `${extracted.name}.json`), 'utf8')) as { readonly migrations: readonly string[]; readonly tables: Readonly<Record<string, number>>; readonly madeAt: string }
  expect(manifest).toMatchObject({ madeAt: extracted.madeAt, conversation: id, migrations: migrationNames() })
  expect(Object.entries(manifest.tables).filter(([, rows]) => rows > 0)).toEqual([['account', 1], ['conversation', 1], ['message', 2]])
  const lines = async (file: string) => {
    const pieces: Buffer[] = []
    for await (const piece of openAge(join(to, file), [identity])) pieces.push(piece)
    return zstdDecompressSync(Buffer.concat(pieces)).toString('utf8')
  }
  const keysFile = (await readdir(to)).find((file) => /^keys-.*\.age$/.test(file)) ?? ''
  expect(await lines(keysFile)).not.toContain(somebody.account.id)
  expect(await lines(`${extracted.name}.age`), 'nothing of who the account is').not.toContain('somebody')
  await expect(extractConversation(made.config, { name, identities: [identity], conversationId: id, to })).rejects.toThrow('holds files already')

  await somebody.call('DELETE', `/api/v1/conversations/${id}`)
  await made.server.sallyport.close()
  await expect(restoreBackup(made.config, { name: extracted.name, folder: to, identities: [identity] })).rejects.toThrow('one conversation alone')
  expect(await restoreConversation(made.config, { name: extracted.name, folder: to, identities: [identity], conversationId: id })).toMatchObject({ messages: 2 })
  await made.server.restart()
  expect(await seenBy(await made.server.renew(somebody), id)).toEqual(before)
}, 60_000)
