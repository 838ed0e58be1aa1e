import { describe, expect, test } from 'vitest'
import type { GroundingPassage, ModelEvent, ModelRequest } from '../../../ports/model-provider.ts'
import { toBlocks } from './blocks.ts'
import { createLibraryProvider, library, UNKNOWN } from './index.ts'
import { smallTalk } from './small-talk.ts'

const passage = (text: string, over: Partial<GroundingPassage> = {}): GroundingPassage => ({ number: 1, title: 'Gardens', heading: 'Roses', text, score: 1, ...over })
const request = (text: string, over: Partial<ModelRequest> = {}): ModelRequest =>
  ({ model: 'library', messages: [{ role: 'user', text }], tools: [], toolChoice: 'auto', options: {}, choices: 1, streamed: true, passages: [], correlationId: 'test', ...over })
const never = new AbortController().signal

async function run(asked: ModelRequest) {
  const events: ModelEvent[] = []
  for await (const event of createLibraryProvider({ wordMilliseconds: 0 }).stream(asked, never)) events.push(event)
  return { events, text: events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('') }
}

describe('an answer', () => {
  const prune = 'Roses like sun and air. Prune roses in March, when the forsythia blooms. Water them in the morning.'
  test('is made of the passage, with its number behind it', async () => {
    expect((await run(request('When should I prune my roses?', { passages: [passage(prune)] }))).text).toBe(`${prune} [1]`)
  })
  test('comes in words, ends with one finish, and then the usage', async () => {
    const { events } = await run(request('When should I prune my roses?', { passages: [passage(prune)] }))
    expect(events.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(15)
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['finish', 'usage'])
    expect(events.at(-2)).toEqual({ type: 'finish', choice: 0, reason: 'stop' })
    expect(events.at(-1)).toMatchObject({ outputTokens: Math.ceil((prune.length + 4) / 4) })
  })
  test('keeps steps and code whole, behind what leads into them', async () => {
    const text = 'Gardens are old.\n\nTo prune a rose, do this:\n\n1. Clean the shears.\n2. Cut above an eye.\n   - at a slant\n\n```sh\nrose --prune [1]\n```\n\nThen rest.'
    const { text: answer } = await run(request('How do I prune a rose?', { passages: [passage(text, { heading: 'Care' })] }))
    expect(answer).toContain('To prune a rose, do this [1]:\n\n1. Clean the shears.\n2. Cut above an eye.\n   - at a slant\n\n```sh\nrose --prune [1]\n```')
    expect(answer).not.toContain('Gardens are old')
  })
  test('takes the sentences that fit from a long paragraph', async () => {
    const filler = Array.from({ length: 12 }, (_, at) => `Bed ${at} holds tulips and daffodils for the spring of the year.`).join(' ')
    const { text } = await run(request('When do I prune roses?', { passages: [passage(`${filler} Prune roses in March. ${filler}`, { heading: '' })] }))
    expect(text).toContain('Prune roses in March.')
    expect(text.split(' ').length).toBeLessThan(110)
  })
  test('names the source where there is no sentence to cite behind', async () => {
    expect((await run(request('List of roses', { passages: [passage('- Damask\n- Gallica')] }))).text).toBe('Roses [1]:\n\n- Damask\n- Gallica')
  })
  test('adds from a second passage what the first does not say', async () => {
    const passages = [passage('Prune roses in March.'), passage('Roses need compost in April.', { number: 2, heading: 'Feeding roses' })]
    expect((await run(request('When do roses need pruning and compost?', { passages }))).text).toBe('Prune roses in March. [1]\n\nRoses need compost in April. [2]')
    expect((await run(request('When do I prune roses?', { passages }))).text).toBe('Prune roses in March. [1]')
  })
  test('does not let a document pass off its own numbers as citations', async () => {
    expect((await run(request('When do I prune roses?', { passages: [passage('Prune roses in March [7], says the guild [12].')] }))).text).toBe('Prune roses in March (7), says the guild (12). [1]')
  })
  test('ends at a stop sequence, or at the number of tokens, never within a character', async () => {
    const passages = [passage('Prune roses 😀😀😀😀 in March.')]
    const stopped = await run(request('When do I prune roses?', { passages, options: { stop: ['in March'] } }))
    expect(stopped.text).toBe('Prune roses 😀😀😀😀 ')
    const cut = await run(request('When do I prune roses?', { passages, options: { maxOutputTokens: 4 } }))
    expect(cut.events.at(-2)).toMatchObject({ reason: 'length' })
    expect(cut.text.isWellFormed()).toBe(true)
  })
  test('answers in the language of the document', async () => {
    const text = 'Die Rosen werden im März geschnitten, wenn die Forsythie blüht. Das ist die beste Zeit.'
    expect((await run(request('Wann werden Rosen geschnitten?', { passages: [passage(text, { title: 'Gärten', heading: 'Rosen' })] }))).text).toContain('im März')
  })
})

describe('it says that it does not know', () => {
  test.each([
    ['without passages', 'When do I prune roses?', []],
    ['with passages that hold little of the question', 'When do I prune roses?', [passage('Tulips bloom in May.', { score: 0.2, heading: 'Tulips' })]],
    ['when the words stand apart', 'How do I open a bank account?', [passage(`Open the gate. The bank of the river is steep. ${'Much water flows. '.repeat(5)}\n\nAn account of the flood is in the archive.`, { title: 'River', heading: 'Floods' })]],
    ['when nothing was asked', ' ', [passage('Anything.')]],
    ['when only asking words were said', 'How does it work?', [passage('Work it.')]],
  ])('%s', async (_when, question, passages) => { expect((await run(request(question, { passages }))).text).toBe(UNKNOWN) })
})

describe('small talk', () => {
  test.each(['Hello', 'hi!', 'Good morning', 'Hallo zusammen', '¡Hola!', 'How are you?', 'What can you do?', 'who are you', 'help', 'Thank you very much', 'Danke schön', 'Bye'])('%s', (text) => {
    expect(smallTalk(text)).not.toBeNull()
  })
  test.each(['Hello, how do I make a key?', 'help me delete a document', 'thanks to whom', '', 'what can you do about the port', 'hi'.repeat(100)])('not: %s', (text) => { expect(smallTalk(text)).toBeNull() })
})

describe('writing', () => {
  const passages = [passage('Prune roses in March.')]
  test('waits between words, and stops with the signal\'s reason', async () => {
    const reason = new Error('stopped by the reader')
    const controller = new AbortController()
    const waits: number[] = []
    const provider = createLibraryProvider({ wordMilliseconds: 15 }, (milliseconds) => {
      waits.push(milliseconds)
      if (waits.length === 2) controller.abort(reason)
      return Promise.resolve()
    })
    const seen: string[] = []
    await expect((async () => { for await (const event of provider.stream(request('When do I prune roses?', { passages }), controller.signal)) if (event.type === 'text-delta') seen.push(event.text) })()).rejects.toBe(reason)
    expect(seen).toEqual(['Prune', ' roses'])
    expect(waits).toEqual([15, 15])
  })
  test('a signal that aborts within a real wait ends it with its reason', async () => {
    const reason = new Error('gone')
    const controller = new AbortController()
    const stream = createLibraryProvider({ wordMilliseconds: 200 }).stream(request('When do I prune roses?', { passages }), controller.signal)[Symbol.asyncIterator]()
    await stream.next()
    const next = stream.next()
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
  })
  test('an aborted signal gives nothing', async () => {
    await expect(createLibraryProvider({ wordMilliseconds: 0 }).stream(request('hello'), AbortSignal.abort(new Error('early')))[Symbol.asyncIterator]().next()).rejects.toThrow('early')
  })
})

describe('the descriptor', () => {
  test('needs neither key nor address, and takes its pace from the configuration', async () => {
    expect(library).toMatchObject({ needsCredential: false, defaultBaseUrl: null, capabilities: { grounding: true, thirdParty: false, tools: false } })
    expect(library.config.parse({})).toEqual({ wordMilliseconds: 12 })
    expect(library.config.safeParse({ wordMilliseconds: -1 }).success).toBe(false)
    const provider = library.create(library.config.parse({}), { fetchConfigured: () => Promise.reject(new Error('no network')) })
    expect((await provider.listModels(never)).length).toBe(1)
  })
})

describe('blocks', () => {
  test('prose, lists, code and tables are told apart, and code within a list stays in it', () => {
    const text = 'One. Two\nlines.\n- a\n  ```\n  x\n  ```\n- b\n\nEnd.\n| a |\n|---|\n~~~\ncode\n\nmore\n~~~'
    expect(toBlocks(text).map(({ kind }) => kind)).toEqual(['prose', 'list', 'prose', 'table', 'code'])
    expect(toBlocks(text)[0]?.parts).toEqual(['One.', 'Two lines.'])
  })
  test('code that was cut before its end is closed', () => { expect(toBlocks('```sh\nx')[0]?.text).toBe('```sh\nx\n```') })
})
