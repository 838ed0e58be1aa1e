import { AddedDocument, UsageReport } from '@sallyport/contract'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { documentRetrySeconds } from '../../src/policy/limits.ts'
import { openKnowledge } from '../../src/testing/open-knowledge.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { openTestServer, type Person } from '../../src/testing/server.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { keepable } from '../../src/turn/as-kept.ts'

// LIM-7: somebody with an account fills the store with documents, or keeps the server at nothing but reading them.

const MEGABYTE = 1_000_000
const detailOf = ({ json }: { readonly json: unknown }) => (json as { readonly detail: string }).detail
const wordsOf = (bytes: number) => 'harbour lighthouse beacon '.repeat(Math.ceil(bytes / 26)).slice(0, bytes)

/** What is stored of each collection, measured, beside what is counted of it. */
async function counted({ read }: Pick<Database, 'read'>) {
  const { rows } = await sql<{ readonly documents: number; readonly bytes: number; readonly realDocuments: number; readonly realBytes: number }>`select documents, bytes,
    (select count(*) from document where document.collection_id = collection.id) as "realDocuments",
    cast(coalesce((select sum(octet_length(title_sealed)) from document where document.collection_id = collection.id), 0)
      + coalesce((select sum(octet_length(heading_sealed) + octet_length(text_sealed) + octet_length(postings)) from passage where passage.collection_id = collection.id), 0) as integer) as "realBytes"
    from collection order by id`.execute(read)
  return rows
}

describeEachEngine('a flood of documents', (dialect) => {
  const open = async (settings: Readonly<Record<string, string>>) => {
    const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    const server = await openTestServer({ settings: { LIMITS_CONCURRENT_DOCUMENTS: '100', LIMITS_RATES: JSON.stringify({ write: 100_000 }), ...settings, ...(postgres !== null && { STORE_URL: postgres.url }) } })
    const owner = await server.setUpOwner()
    return { server, owner, member: await server.addAccount('member'), [Symbol.asyncDispose]: async () => { await server[Symbol.asyncDispose](); await postgres?.[Symbol.asyncDispose]() } }
  }
  const add = (person: Person, text: string, collection: 'mine' | 'shared' = 'mine') => person.program('POST', '/api/v1/documents', { title: 'Notes', text, mediaType: 'text/plain', collection })

  test('of one account ends at its cap, also when all come at once; what is deleted makes room, and others have theirs', async () => {
    await using at = await open({ LIMITS_DOCUMENTS: '5' })
    const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => add(at.member, `Harbour number ${index}.`)))
    expect([replies.filter(({ status }) => status === 200).length, replies.filter(({ status }) => status === 429).length]).toEqual([5, 15])
    const refused = await add(at.member, 'One more harbour.')
    expect([refused.status, detailOf(refused), refused.headers['retry-after']]).toEqual([429, 'An account may have 5 documents. Delete some, then add it again.', undefined])
    expect((await add(at.owner, 'My own harbour.')).status).toBe(200)
    expect(UsageReport.parse((await at.member.call('GET', '/api/v1/usage')).json).documents).toMatchObject({ count: 5, mostCount: 5 })

    const { id } = AddedDocument.parse(replies.find(({ status }) => status === 200)?.json)
    expect((await at.member.program('DELETE', `/api/v1/documents/${id}`)).status).toBe(204)
    expect((await add(at.member, 'One more harbour.')).status).toBe(200)
    expect((await add(at.member, 'One more harbour.')).status).toBe(429)
    for (const row of await counted(at.server.sallyport.database)) expect([row.documents, row.bytes]).toEqual([row.realDocuments, row.realBytes])
  })

  test('ends at the megabytes of an account, and at those of what is shared, as they are stored', async () => {
    await using at = await open({ LIMITS_DOCUMENT_MEGABYTES: '1', LIMITS_SHARED_DOCUMENT_MEGABYTES: '1', LIMITS_SHARED_DOCUMENTS: '3' })
    const stored = async (person: Person) => UsageReport.parse((await person.call('GET', '/api/v1/usage')).json).documents
    expect((await add(at.member, wordsOf(600_000))).status).toBe(200)
    expect(await stored(at.member)).toMatchObject({ count: 1, limit: MEGABYTE })
    const more = await Promise.all(Array.from({ length: 6 }, () => add(at.member, wordsOf(200_000))))
    expect(more.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    const refused = await add(at.member, wordsOf(500_000))
    expect([refused.status, detailOf(refused)]).toEqual([429, expect.stringMatching(/^An account may have 1 MB of documents as they are stored; 0\.\d MB are left\. Delete some, or add a shorter one\.$/)])
    expect((await stored(at.member)).bytes).toBeLessThanOrEqual(MEGABYTE)
    // The shared ones have a cap of their own, which no account's fills.
    expect((await add(at.owner, wordsOf(500_000), 'shared')).status).toBe(200)
    expect(detailOf(await add(at.owner, wordsOf(600_000), 'shared'))).toMatch(/^Everyone together may share 1 MB of documents/)
    expect([(await add(at.owner, 'A beacon.', 'shared')).status, (await add(at.owner, 'A buoy.', 'shared')).status]).toEqual([200, 200])
    expect(detailOf(await add(at.owner, 'A pier.', 'shared'))).toBe('Everyone together may share 3 documents. Delete some, then add it again.')
    expect((await add(at.owner, 'A pier.')).status).toBe(200)
  }, 60_000)

  test('is refused before anything is done for it where there is no room', async () => {
    let inspected = 0
    await using knowledge = await openKnowledge(dialect, { caps: { mine: { documents: 1, bytes: MEGABYTE } }, inspect: (text) => { inspected += 1; return keepable(text) } })
    const caller = await knowledge.newCaller()
    const give = (text: string) => knowledge.knowledge.addDocument(caller, { title: 'Notes', text, mediaType: 'text/plain', collection: 'mine' })
    await expect(give(wordsOf(MEGABYTE + 1))).rejects.toMatchObject({ code: 'too-many-requests', of: 'document-bytes' })
    expect(inspected).toBe(0)
    await give('A harbour.')
    const before = inspected
    expect(before).toBeGreaterThan(0)
    await expect(give('A harbour.')).rejects.toMatchObject({ code: 'too-many-requests', of: 'documents' })
    expect(inspected).toBe(before)
  })

  test('has so many under way as one account may have, and the next is told when to come back; another account does not wait', async () => {
    let letGo = () => { /* Set below. */ }
    let waiting = 0
    const held = new Promise<void>((resolve) => { letGo = resolve })
    await using knowledge = await openKnowledge(dialect, { caps: { atOnce: 2 }, inspect: async (text) => { if (text.includes('slow')) { waiting += 1; await held } return keepable(text) } })
    const [one, other] = [await knowledge.newCaller(), await knowledge.newCaller()]
    const give = (caller: typeof one, text: string) => knowledge.knowledge.addDocument(caller, { title: 'Notes', text, mediaType: 'text/plain', collection: 'mine' })
    const slow = [give(one, 'A slow harbour.'), give(one, 'A slow beacon.')]
    await expect(give(one, 'A slow pier.')).rejects.toMatchObject({ code: 'too-many-requests', of: 'documents-at-once', members: { retryAfterSeconds: documentRetrySeconds } })
    await give(other, 'A buoy.')
    letGo()
    await Promise.all(slow)
    expect(waiting).toBe(2)
    // What failed frees its place, too.
    await expect(Promise.allSettled([give(one, '...'), give(one, '...')])).resolves.toMatchObject([{ reason: { code: 'invalid-request' } }, { reason: { code: 'invalid-request' } }])
    await expect(Promise.all([give(one, 'A pier.'), give(one, 'A quay.')])).resolves.toHaveLength(2)
  })
})
