import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect, WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeWith } from '../../testing/needs.ts'
import { openKnowledge, type OpenKnowledge } from '../../testing/open-knowledge.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createKnowledgeStore } from './store.ts'

const bees = '# Bees\n\nBees live in hives.\n\n## Honey\n\nA hive makes twenty kilograms of honey in a year. The beekeeper takes it in August.\n\n## Wax\n\nWax is made by young bees.'
const tides = '# Tides\n\nThe moon draws the sea. There are two high tides a day.\n\n## Spring tides\n\nThey come with the full moon.'
interface Given { readonly caller: Caller; readonly title: string; readonly text: string; readonly collection?: 'mine' | 'shared' }

function suite(dialect: Dialect): void {
  let open: OpenKnowledge
  let ann: Caller
  let ben: Caller
  let administrator: Caller
  const give = ({ caller, title, text, collection = 'mine' }: Given) => open.knowledge.addDocument(caller, { title, text, mediaType: 'text/markdown', collection })
  const find = (caller: Caller, text: string, earlier: readonly string[] = []) => open.knowledge.searchPassages(requireScope(caller), [...earlier, text], null)
  beforeAll(async () => {
    open = await openKnowledge(dialect)
    ann = await open.newCaller(['knowledge:read', 'knowledge:write'])
    ben = await open.newCaller(['knowledge:read', 'knowledge:write'])
    administrator = await open.newCaller()
  })
  afterAll(async () => { await open[Symbol.asyncDispose]() })

  test('before any document there is nothing, and nothing is found', async () => {
    expect(await open.knowledge.listDocuments(ann, { limit: 10 })).toEqual({ items: [], next: null })
    expect(await find(ann, 'honey')).toEqual([])
  })

  test('a document is found by its words in any form, with its heading, and opens with its surroundings', async () => {
    const document = await give({ caller: ann, title: 'Bees', text: bees })
    expect(document).toMatchObject({ collection: 'mine', title: 'Bees', passages: 3 })
    const [best] = await find(ann, 'How much honey do the hives make?')
    expect(best).toMatchObject({ number: 1, title: 'Bees', heading: 'Honey', documentId: document.id })
    expect(best?.text).toContain('twenty kilograms')
    const passage = await open.knowledge.getPassage(ann, best?.passageId ?? '')
    expect(passage).toMatchObject({ title: 'Bees', heading: 'Honey', documentId: document.id, before: 'Bees live in hives.', after: 'Wax is made by young bees.' })
  })

  test('what is another account\'s does not exist: not in lists, not in search, not by its id', async () => {
    const document = await give({ caller: ben, title: 'Tides', text: tides })
    const [passage] = await find(ben, 'spring tides')
    expect(passage?.documentId).toBe(document.id)
    expect(await find(ann, 'spring tides')).toEqual([])
    expect((await open.knowledge.listDocuments(ann, { limit: 10 })).items.map(({ title }) => title)).not.toContain('Tides')
    await expect(open.knowledge.getPassage(ann, passage?.passageId ?? '')).rejects.toMatchObject({ code: 'not-found' })
    await expect(open.knowledge.deleteDocument(ann, document.id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await find(ben, 'spring tides')).not.toEqual([])
  })

  test('what is shared is everyone\'s to read, and only for those to change who may share', async () => {
    await expect(give({ caller: ann, title: 'House rules', text: 'Close the gate.', collection: 'shared' })).rejects.toMatchObject({ code: 'not-allowed' })
    const shared = await give({ caller: administrator, title: 'House rules', text: 'Close the garden gate behind you.', collection: 'shared' })
    expect((await find(ann, 'garden gate'))[0]).toMatchObject({ title: 'House rules', documentId: shared.id })
    await expect(open.knowledge.deleteDocument(ben, shared.id)).rejects.toMatchObject({ code: 'not-allowed' })
    await open.knowledge.deleteDocument(administrator, shared.id)
    expect(await find(ann, 'garden gate')).toEqual([])
  })

  test('a deleted document leaves nothing behind in the index or the statistics', async () => {
    const caller = await open.newCaller()
    const collection = async () => await open.database.read.selectFrom('collection').select(['id', 'passages', 'words']).where('owner', '=', requireScope(caller).accountId).executeTakeFirst()
    await give({ caller, title: 'Bees', text: bees })
    const before = await collection()
    const words = async () => (await open.database.read.selectFrom('collection_word').selectAll().where('collection_id', '=', before?.id ?? '').orderBy('word').execute())
    const wordsBefore = await words()
    const document = await give({ caller, title: 'Tides', text: tides })
    expect((await collection())?.passages).toBe((before?.passages ?? 0) + 2)
    await open.knowledge.deleteDocument(caller, document.id)
    expect(await collection()).toEqual(before)
    expect(await words()).toEqual(wordsBefore)
    expect(await find(caller, 'spring tides')).toEqual([])
    expect((await find(caller, 'honey')).length).toBeGreaterThan(0)
    await expect(open.knowledge.deleteDocument(caller, document.id)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a document without words is refused, and nothing is kept of it', async () => {
    await expect(give({ caller: ann, title: 'Empty', text: ' \n--- \n' })).rejects.toMatchObject({ code: 'invalid-request' })
    expect((await open.knowledge.listDocuments(ann, { limit: 50 })).items.map(({ title }) => title)).not.toContain('Empty')
  })

  test('a list goes on where it ended, newest first', async () => {
    const caller = await open.newCaller()
    for (const title of ['One', 'Two', 'Three']) await give({ caller, title, text: `Text ${title}.` })
    const first = await open.knowledge.listDocuments(caller, { limit: 2 })
    expect(first.items.map(({ title }) => title)).toEqual(['Three', 'Two'])
    const second = await open.knowledge.listDocuments(caller, { limit: 2, before: first.next ?? undefined })
    expect(second.items.map(({ title }) => title)).toEqual(['One'])
    expect(second.next).toBeNull()
  })

  test('a question with too few words of its own leans on the one before', async () => {
    expect(await find(ann, 'And when is it taken?')).toEqual([])
    expect((await find(ann, 'And when is it taken?', ['How much honey is there?']))[0]).toMatchObject({ heading: 'Honey' })
    expect(await find(ann, 'Tell me about the weather on the moon of Jupiter', ['How much honey is there?'])).toEqual([])
  })

  test('a small collection is ranked by the same measure as a large one', async () => {
    const caller = await open.newCaller()
    await give({ caller, title: 'Almanac', text: Array.from({ length: 60 }, (_, at) => `## Day ${at}\n\nThe harbour opens at noon and the master notes the wind, the weather and the ships of day ${at}.`).join('\n\n') })
    const note = await give({ caller: administrator, title: 'Master key', text: 'The master key of the lighthouse hangs behind the clock.', collection: 'shared' })
    expect((await find(caller, 'Where is the lighthouse master key?'))[0]?.documentId).toBe(note.id)
    await open.knowledge.deleteDocument(administrator, note.id)
  })

  test('the handbook is indexed once, again where it changed, and loses what is gone', async () => {
    const files = [{ name: 'bees.md', text: bees }, { name: 'tides.md', text: tides }]
    expect(await open.knowledge.loadHandbook(files)).toEqual({ indexed: 2, removed: 0 })
    expect(await open.knowledge.loadHandbook(files)).toEqual({ indexed: 0, removed: 0 })
    const caller = await open.newCaller()
    expect((await find(caller, 'spring tides'))[0]).toMatchObject({ title: 'Tides', heading: 'Spring tides' })
    expect(await open.knowledge.loadHandbook([{ name: 'bees.md', text: bees.replace('August', 'September') }])).toEqual({ indexed: 1, removed: 1 })
    expect(await find(caller, 'spring tides')).toEqual([])
    expect((await find(caller, 'When does the beekeeper take honey?'))[0]?.text).toContain('September')
    const [document] = (await open.knowledge.listDocuments(caller, { limit: 5 })).items
    expect(document).toMatchObject({ collection: 'handbook', title: 'Bees' })
    await expect(open.knowledge.deleteDocument(administrator, document?.id ?? '')).rejects.toMatchObject({ code: 'not-allowed' })
    await open.knowledge.loadHandbook([])
  })

  test('several processes may load the handbook at once', async () => {
    const files = [{ name: 'bees.md', text: bees }, { name: 'tides.md', text: tides }]
    await Promise.all([open.knowledge.loadHandbook(files), open.knowledge.loadHandbook(files), open.knowledge.loadHandbook(files)])
    expect((await open.knowledge.listDocuments(await open.newCaller(), { limit: 5 })).items.map(({ title }) => title).toSorted()).toEqual(['Bees', 'Tides'])
    await open.knowledge.loadHandbook([])
  })

  test('documents are found in their own language, beside others, with and without spaces between words', async () => {
    const caller = await open.newCaller()
    const documents = {
      Satzung: 'Der Jahresbeitrag beträgt vierzig Euro und ist bis zum 31. März zu zahlen. Die Kündigung muss bis zum 30. September beim Vorstand eingehen.',
      Règlement: 'La cotisation annuelle est de trente euros. La bibliothèque est ouverte le samedi matin.',
      就業規則: '年次有給休暇は一年に二十日とする。申請は三日前までに上司へ行う。',
      员工手册: '员工每年享有十五天年假。申请须提前一周提交给经理。',
      취업규칙: '직원의 연차 휴가는 일 년에 십오 일입니다. 신청은 사흘 전까지 해야 합니다.',
      Reglamento: 'La cuota anual de los socios es de veinte euros. La biblioteca está abierta los sábados.',
      Устав: 'Ежегодный взнос для членов составляет тысячу рублей. Библиотека открыта по субботам.',
      กฎ: 'พนักงานมีวันลาพักร้อนสิบวันต่อปี',
      Rules: 'The members pay the annual fee in March. The library is open on Saturdays.',
    }
    for (const [title, text] of Object.entries(documents)) await give({ caller, title, text })
    const questions = {
      'Wie hoch ist der Jahresbeitrag?': 'Satzung', 'Bis wann muss ich kündigen?': 'Satzung', 'Combien coûte la cotisation annuelle ?': 'Règlement', '有給休暇は何日ですか': '就業規則',
      '年假有多少天？': '员工手册', '연차 휴가는 며칠입니까?': '취업규칙', '¿Cuál es la cuota de los socios?': 'Reglamento', 'Какой ежегодный взнос?': 'Устав', 'วันลาพักร้อน': 'กฎ', 'When do members pay the fee?': 'Rules',
    }
    for (const [question, title] of Object.entries(questions)) expect((await find(caller, question))[0]?.title, question).toBe(title)
  })

  test('a question may hold anything', async () => {
    for (const text of [`"' OR 1=1 --`, `' | !`, 'a & b <-> c:*', '\\', '\0', '🙂', 'NEAR(honey hive, 2)', 'x'.repeat(100_000), '\uD800 honey']) {
      expect(Array.isArray(await find(ann, text))).toBe(true)
    }
  })

  test('a long document is indexed whole, and its last words are found', async () => {
    const caller = await open.newCaller()
    const text = Array.from({ length: 1_500 }, (_, at) => `Paragraph ${at} of the chronicle tells of ship${at} and its cargo of grain.`).join('\n\n')
    const document = await give({ caller, title: 'Chronicle', text })
    expect(document.passages).toBeGreaterThan(80)
    expect((await find(caller, 'What did ship1499 carry?'))[0]?.text).toContain('ship1499')
  })
}

describeEachEngine('the statements of the knowledge', (dialect) => {
  test('reach the collections that they were given, and no other', async () => {
    await using store = await openTestStore(dialect)
    const knowledge = createKnowledgeStore(store.database)
    const write = async (...steps: readonly (WriteStep | readonly WriteStep[])[]) => { await store.database.write(steps.flat()) }
    for (const [number, language] of [[1, 'en'], [2, 'de']] as const) {
      const [collectionId, documentId] = [`col_${number}`, `doc_${number}`]
      await write(knowledge.insertCollection({ id: collectionId, kind: 'mine', owner: `acc_${number}`, passages: 0, words: 0, created_at: 1 }))
      await write(
        knowledge.insertDocument({ id: documentId, collection_id: collectionId, source: `${language}.md`, title_sealed: Buffer.from('t'), content_lookup: Buffer.from(language), language, tokeniser: 1, passages: 1, created_at: 1 }),
        knowledge.insertPassage({ id: `psg_${number}`, document_id: documentId, collection_id: collectionId, position: 0, from_offset: 0, to_offset: 1, heading_sealed: Buffer.from('h'), text_sealed: Buffer.from('x'), words: 1, postings: Buffer.from('p') }),
        knowledge.grow({ collectionId, passages: 1, words: 1, documents: 1, bytes: 30, counts: new Map([['word', number]]) }),
      )
    }
    const numbers = (await store.database.read.selectFrom('passage').select('number').execute()).map(({ number }) => number)
    expect((await knowledge.collectionOf('acc_2'))?.id).toBe('col_2')
    expect((await knowledge.visible(openScope('acc_1'))).map(({ id }) => id)).toEqual(['col_1'])
    expect(await knowledge.languagesOf(['col_1'])).toEqual(['en'])
    expect((await knowledge.documentPage(['col_1'], undefined, 10)).map(({ id }) => id)).toEqual(['doc_1'])
    expect([(await knowledge.document(['col_1'], 'doc_1'))?.id, await knowledge.document(['col_1'], 'doc_2'), (await knowledge.passage(['col_1'], 'psg_1'))?.id, await knowledge.passage(['col_1'], 'psg_2')]).toEqual(['doc_1', null, 'psg_1', null])
    expect((await knowledge.sourced('col_1')).map(({ id }) => id)).toEqual(['doc_1'])
    expect([(await knowledge.passageAt('doc_2', 0))?.id, await knowledge.postingsOf('doc_1')]).toEqual(['psg_2', [{ words: 1, postings: expect.anything() }]])
    expect((await knowledge.candidates(['col_2'], numbers)).map(({ id }) => id)).toEqual(['psg_2'])
    const counts = async (id: string) => (await knowledge.wordCounts(id, ['word'])).map(({ passages }) => passages)
    expect([await counts('col_1'), await counts('col_2')]).toEqual([[1], [2]])
    await write(knowledge.grow({ collectionId: 'col_2', passages: 0, words: 0, documents: 0, bytes: 0, counts: new Map([['word', -2]]) }), knowledge.forgetUnused('col_1'))
    expect([await counts('col_1'), await counts('col_2')]).toEqual([[1], [0]])
    await write(knowledge.deleteCollectionOf('acc_2'))
    expect([(await knowledge.collectionOf('acc_1'))?.id, await knowledge.collectionOf('acc_2'), await counts('col_1'), await counts('col_2')]).toEqual(['col_1', null, [1], []])
  })
})

describe('knowledge on SQLite', () => { suite('sqlite') })
describeWith('postgres', 'knowledge on PostgreSQL', () => { suite('postgres') })

describeWith('postgres', 'ranking', () => {
  test('both engines order alike', async () => {
    await using sqlite = await openKnowledge('sqlite')
    await using postgres = await openKnowledge('postgres')
    const topics = Array.from({ length: 300 }, (_, at) => `topic${at}`)
    let seed = 7
    const pick = () => topics[(seed = (seed * 48_271) % 2_147_483_647) % topics.length] ?? ''
    const files = Array.from({ length: 12 }, (_, file) => ({
      name: `${file}.md`,
      text: `# File ${file}\n\n${Array.from({ length: 15 }, (_part, part) => `## ${pick()} ${part}\n\n${Array.from({ length: 20 + (seed % 60) }, pick).join(' ')}.`).join('\n\n')}`,
    }))
    const results = []
    for (const { knowledge, newCaller } of [sqlite, postgres]) {
      await knowledge.loadHandbook(files)
      const scope = requireScope(await newCaller())
      const found = []
      for (let question = 0; question < 40; question += 1) {
        const text = `${topics[question] ?? ''} ${topics[question * 7 + 3] ?? ''} ${topics[question * 5 + 1] ?? ''} ${question % 4 === 0 ? 'unknown' : ''}`
        found.push((await knowledge.searchPassages(scope, [text], null)).map(({ title, heading, score }) => `${title} ${heading} ${score.toFixed(9)}`))
      }
      results.push(found)
    }
    expect(results[0]?.flat().length).toBeGreaterThan(150)
    expect(results[1]).toEqual(results[0])
  })
})

describe('what lies in the file', () => {
  test('without page encryption too, no word, title or heading of a document is in clear', async () => {
    await using open = await openKnowledge('sqlite', { pageEncryption: false })
    const caller = await open.newCaller()
    const planted = ['Quagmireton', 'zephyrwort', 'Obsidianfall', 'plinthography', 'Tarragonwyrm', 'Heronhawk']
    await open.knowledge.addDocument(caller, { title: 'The Tarragonwyrm', mediaType: 'text/markdown', collection: 'mine', text: `# The Tarragonwyrm\n\n## Heronhawk\n\nIn Quagmireton the zephyrwort grows. Obsidianfall is known for plinthography.` })
    expect((await open.knowledge.searchPassages(requireScope(caller), ['zephyrwort in Quagmireton'], null)).length).toBe(1)
    await open.database.write([{ query: open.database.read.insertInto('security_event').values({ id: 'evt_control', at: 1, type: 'control', severity: 'info', account_id: null, detail: 'negativecontrolword' }).compile() }])
    const bytes = Buffer.concat(await Promise.all((await readdir(open.directory)).map((name) => readFile(join(open.directory, name))))).toString('latin1').toLowerCase()
    for (const word of planted) {
      expect(bytes).not.toContain(word.toLowerCase())
      expect(bytes).not.toContain(word.toLowerCase().slice(0, 7))
    }
    expect(bytes).toContain('negativecontrolword')
  })
})
