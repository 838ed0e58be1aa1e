import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLibraryProvider, UNKNOWN } from '../../src/adapters/model-provider/library/index.ts'
import { readHandbook } from '../../src/domains/knowledge/index.ts'
import { requireScope } from '../../src/kernel/require-scope.ts'
import type { Scope } from '../../src/kernel/scope.ts'
import { openKnowledge, type OpenKnowledge } from '../../src/testing/open-knowledge.ts'
import { foreign, known, unseenForeign, unseenKnown } from './questions.ts'

let open: OpenKnowledge
let scope: Scope
const provider = createLibraryProvider({ wordMilliseconds: 0 })

beforeAll(async () => {
  open = await openKnowledge('sqlite')
  await open.knowledge.loadHandbook(await readHandbook(join(import.meta.dirname, '../../../../docs/handbook')))
  scope = requireScope(await open.newCaller())
})
afterAll(async () => { await open[Symbol.asyncDispose]() })

/** The answer, and the title of the document that it cites first. */
async function ask(...questions: readonly string[]) {
  const passages = await open.knowledge.searchPassages(scope, questions, null)
  const messages = questions.map((text) => ({ role: 'user' as const, text }))
  let text = ''
  const request = { model: 'library', messages, tools: [], toolChoice: 'auto' as const, options: {}, choices: 1, streamed: true, passages, correlationId: 'test' }
  for await (const event of provider.stream(request, new AbortController().signal)) if (event.type === 'text-delta') text += event.text
  const number = Number(/\[(\d+)\]/.exec(text)?.[1])
  return { text, cited: passages.find((passage) => passage.number === number)?.title ?? null }
}

describe('the handbook answers', () => {
  test.each(known)('%s', async (question, ...documents) => {
    expect(documents).toContain((await ask(question)).cited)
  })
  test('the sets are as large as they must be to tell something', () => {
    expect(known.length).toBeGreaterThanOrEqual(40)
    expect(foreign.length).toBeGreaterThanOrEqual(40)
    expect(new Set([...known, ...unseenKnown].map(([question]) => question)).size).toBe(known.length + unseenKnown.length)
  })
  test('what is asked behind it leans on it', async () => {
    expect((await ask('How do I add my own documents?', 'And who can see them?')).cited).toBe('Documents and citations')
    expect((await ask('How do I make an API key?', 'How do I revoke it?')).text).toMatch(/stops working at once/)
    expect((await ask('How do I make an API key?', 'What is the capital of France?')).text).toBe(UNKNOWN)
  })
  test('questions to which the thresholds were not set: at least four in five', async () => {
    const answers = await Promise.all(unseenKnown.map(async ([question, ...documents]) => documents.includes((await ask(question)).cited ?? '')))
    expect(answers.filter(Boolean).length).toBeGreaterThanOrEqual(unseenKnown.length * 0.8)
  })
})

describe('what the handbook does not say is declined in words', () => {
  test.each(foreign)('%s', async (question) => { expect((await ask(question)).text).toBe(UNKNOWN) })
  test('questions to which the thresholds were not set: at least nineteen in twenty', async () => {
    const answers = await Promise.all(unseenForeign.map(async (question) => (await ask(question)).text === UNKNOWN))
    expect(answers.filter(Boolean).length).toBeGreaterThanOrEqual(unseenForeign.length * 0.95)
  })
})

describe('every answer', () => {
  test('cites only passages that were found, and says nothing that is not in them', async () => {
    const strip = (text: string) => text.replaceAll(/\s+/g, ' ')
    for (const [question] of known.slice(0, 20)) {
      const passages = await open.knowledge.searchPassages(scope, [question], null)
      const { text } = await ask(question)
      for (const [, number] of text.matchAll(/(?<= )\[(\d+)\]:?$/gm)) expect(passages.map((passage) => String(passage.number))).toContain(number)
      const source = strip(passages.map((passage) => passage.text).join('\n'))
      for (const paragraph of text.split('\n\n')) expect(source).toContain(strip(paragraph.replace(/ \[\d+\](:?)$/, '$1')))
    }
  })
})
