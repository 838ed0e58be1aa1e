import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connectSqlite } from '../../database/sqlite/connect.ts'
import type { Caller } from '../../kernel/handler.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { openKnowledge, type OpenKnowledge } from '../../testing/open-knowledge.ts'
import { describeEachEngine } from '../../testing/server-database.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { createDocumentExpiry } from './expire.ts'
import { unpackPostings } from './postings.ts'

const DAY = 86_400_000
// One clock for all: ids of one process never go back in time.
const clock = createTestClock()

/** The knowledge with what adds documents to it and expires them. */
async function begin(dialect: 'sqlite' | 'postgres', life: Parameters<typeof createDocumentExpiry>[0]['life']) {
  const open = await openKnowledge(dialect, { clock, pageEncryption: false })
  const expire = createDocumentExpiry({ ...open, clock, life })
  const add = async (caller: Caller, text: string, collection: 'mine' | 'shared' = 'mine') => (await open.knowledge.addDocument(caller, { title: text.split(' ')[0] ?? '', text, mediaType: 'text/plain', collection })).id
  const left = async () => (await open.database.read.selectFrom('document').select('id').orderBy('id').execute()).map(({ id }) => id)
  const told = async () => (await open.database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'documents-expired').orderBy('sequence').execute()).map(({ detail }): unknown => JSON.parse(detail))
  return { open, expire, add, left, told }
}

/** What a document left in the store, as bytes: its seals, the look-up of its text, and the hash of each of its words, whole and as an index cuts it. */
async function tracesOf({ database }: OpenKnowledge, documentId: string): Promise<readonly Buffer[]> {
  const document = await database.read.selectFrom('document').selectAll().where('id', '=', documentId).executeTakeFirstOrThrow()
  const passages = await database.read.selectFrom('passage').selectAll().where('document_id', '=', documentId).execute()
  const words = passages.flatMap(({ postings }) => [...unpackPostings(postings)].map(([word]) => word))
  return [document.title_sealed, document.content_lookup, ...passages.flatMap((passage) => [passage.text_sealed, passage.heading_sealed, passage.postings, Buffer.from(passage.id)]), ...words.map((word) => Buffer.from(word.slice(6)))].map((bytes) => Buffer.from(bytes))
}

/** Everything that the tables hold, those beneath the index too. */
async function everything({ database }: OpenKnowledge): Promise<Buffer> {
  const tables = await database.read.introspection.getTables()
  const parts: Buffer[] = []
  for (const { name } of tables) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(database.read)
    for (const value of rows.flatMap((row) => Object.values(row))) parts.push(value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(JSON.stringify(value)))
  }
  return Buffer.concat(parts)
}
const found = (bytes: Buffer, traces: readonly Buffer[]) => traces.filter((trace) => bytes.includes(trace)).length

describeEachEngine('the life of documents', (dialect) => {
  test('ends for those of somebody\'s own, by days since they were added; shared ones and the handbook stay', async () => {
    const { open, expire, add, left, told } = await begin(dialect, { days: 30, daysByRole: {} })
    await using _open = open
    const [ann, ben] = [await open.newCaller(), await open.newCaller()]
    const gone = [await add(ann, 'Bees live in hives.'), await add(ben, 'The moon draws the sea.')]
    const shared = await add(ann, 'Close the gate.', 'shared')
    await open.knowledge.loadHandbook([{ name: 'a.md', text: '# Handbook\n\nHow to keep bees.' }])
    clock.advance(20 * DAY)
    const young = await add(ann, 'Wax is made by bees.')
    expect(await expire()).toBe(0)
    clock.advance(11 * DAY)
    expect(await expire()).toBe(2)
    expect(await left()).toEqual(expect.arrayContaining([shared, young]))
    expect(await left()).toHaveLength(3)
    for (const id of gone) expect(await left()).not.toContain(id)
    expect(await open.knowledge.searchPassages(requireScope(ben), ['the moon and the sea'], null)).toEqual([])
    expect((await open.knowledge.searchPassages(requireScope(ann), ['wax'], null)).map(({ documentId }) => documentId)).toEqual([young])
    expect(await told()).toEqual([{ documents: 2 }])
    expect(await expire()).toBe(0)
  })

  test('leaves no seal, no word and no row of it in the store, and the statistics as if it had never been', async () => {
    const { open, expire, add } = await begin(dialect, { days: 30, daysByRole: {} })
    const ann = await open.newCaller()
    const statistics = async () => ({
      collection: await open.database.read.selectFrom('collection').select(['passages', 'words']).where('kind', '=', 'mine').execute(),
      words: (await open.database.read.selectFrom('collection_word').select(['word', 'passages']).orderBy('word').execute()),
    })
    const gone = await tracesOf(open, await add(ann, 'Marmalade orchestras navigate turquoise harbours. '.repeat(40)))
    clock.advance(31 * DAY)
    const kept = await tracesOf(open, await add(ann, 'Beekeepers harvest honey in August.'))
    const both = await statistics()
    // Where nothing was removed yet, everything is found: the search finds what is there.
    const before = await everything(open)
    expect(found(before, gone)).toBe(gone.length)
    expect(await expire()).toBe(1)
    const after = await everything(open)
    expect(found(after, gone)).toBe(0)
    expect(found(after, kept)).toBe(kept.length)
    const alone = await statistics()
    expect(alone.words.length).toBeLessThan(both.words.length)
    expect(alone.collection).toEqual([{ passages: 1, words: (await open.database.read.selectFrom('passage').select('words').execute())[0]?.words }])
    if (dialect === 'postgres') { await open[Symbol.asyncDispose](); return }
    // The file itself, without page encryption: what was removed is overwritten in it as soon as the write-ahead log is copied back.
    await open.database.close()
    const connection = connectSqlite({ path: join(open.directory, 'store.db'), pageKey: null }, false)
    connection.pragma('wal_checkpoint(TRUNCATE)')
    connection.close()
    const files = Buffer.concat(await Promise.all((await readdir(open.directory)).map((name) => readFile(join(open.directory, name)))))
    expect(found(files, gone)).toBe(0)
    expect(found(files, kept)).toBe(kept.length)
    await rm(open.directory, { recursive: true })
  })

  test('a removal by its owner alone leaves hashes of its words in the embedded index: the search above would find them', async () => {
    const { open, add } = await begin(dialect, { days: 30, daysByRole: {} })
    await using _open = open
    const ann = await open.newCaller()
    const id = await add(ann, 'Marmalade orchestras navigate turquoise harbours.')
    const traces = await tracesOf(open, id)
    await open.knowledge.deleteDocument(ann, id)
    expect(found(await everything(open), traces) > 0).toBe(dialect === 'sqlite')
    await open.index.purge((query) => open.database.write([{ query }]))
    expect(found(await everything(open), traces)).toBe(0)
  })

  test('may be another one for a role', async () => {
    const { open, expire, add, left, told } = await begin(dialect, { days: 30, daysByRole: { guest: 7, auditor: 60 } })
    await using _open = open
    const owners = await Promise.all((['guest', 'auditor', 'member'] as const).map(async (role) => {
      const caller = await open.newCaller()
      const id = requireScope(caller).accountId
      await open.database.write([{ query: open.database.read.insertInto('account').values({ id, name_sealed: Buffer.from('Somebody'), role, password_sealed: null, created_at: 1, email_lookup: Buffer.from(id), email_sealed: Buffer.from(id) }).compile() }])
      return caller
    }))
    const ids = []
    for (const owner of owners) ids.push(await add(owner, 'The moon draws the sea.'))
    const [, auditors, members] = ids
    clock.advance(8 * DAY)
    expect(await expire()).toBe(1)
    expect(await left()).toEqual([auditors, members])
    clock.advance(23 * DAY)
    expect(await expire()).toBe(1)
    expect(await left()).toEqual([auditors])
    clock.advance(30 * DAY)
    expect(await expire()).toBe(1)
    expect(await told()).toEqual([{ role: 'guest', documents: 1 }, { documents: 1 }, { role: 'auditor', documents: 1 }])
  })

  test('of many is ended in several steps, while their owner may remove one', async () => {
    const { open, expire, add, left } = await begin(dialect, { days: 1, daysByRole: {} })
    await using _open = open
    const ann = await open.newCaller()
    for (let index = 0; index < 23; index += 1) await add(ann, `Word${index} and others.`)
    clock.advance(2 * DAY)
    const [first = ''] = await left()
    const [removed] = await Promise.all([expire(), open.knowledge.deleteDocument(ann, first).catch(() => undefined)])
    expect(removed + await expire()).toBeGreaterThanOrEqual(22)
    expect(await left()).toEqual([])
    expect((await open.database.read.selectFrom('collection').select(['passages', 'words']).where('kind', '=', 'mine').execute())).toEqual([{ passages: 0, words: 0 }])
  })
})
