import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// Another workspace answered to an API key (GHSA-c2c9-mfw7-p8hw), and tracing could be attached to another's (CVE-2026-41947). Here two
// tenants do whatever comes to them, with ids of either; a model of what each has says what each must see.

let server: TestServer
let people: readonly [Person, Person]
beforeAll(async () => {
  server = await openTestServer()
  await server.setUpOwner()
  people = [await server.addAccount('one'), await server.addAccount('other')]
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const List = z.object({ items: z.array(z.looseObject({ id: z.string() })) })
const Made = z.object({ id: z.string() })

interface Thing { readonly owner: 0 | 1; readonly kind: 'conversations' | 'documents'; readonly id: string; title: string }
type Step = { readonly by: 0 | 1; readonly key: boolean; readonly act: 'create' | 'read' | 'rename' | 'remove' | 'list'; readonly kind: Thing['kind']; readonly pick: number; readonly word: string }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.record({
  by: fc.constantFrom(0 as const, 1 as const), key: fc.boolean(), act: fc.constantFrom('create' as const, 'create' as const, 'read' as const, 'rename' as const, 'remove' as const, 'list' as const),
  kind: fc.constantFrom('conversations' as const, 'documents' as const), pick: fc.nat(1_000), word: fc.stringMatching(/^[a-z]{6,12}$/),
}), { minLength: 8, maxLength: 30 })

async function run(step: Step, things: Thing[], word: (step: Step) => string): Promise<void> {
  const person = people[step.by]
  const send = (method: string, path: string, body?: unknown) => (step.key ? person.program(method, path, body) : person.call(method, path, body))
  server.clock.advance(13_000)
  const own = things.filter(({ owner, kind }) => owner === step.by && kind === step.kind)
  const thing = things.filter(({ kind }) => kind === step.kind)[step.pick % Math.max(1, things.filter(({ kind }) => kind === step.kind).length)]
  const isMine = thing?.owner === step.by
  switch (step.act) {
    case 'create': {
      const title = word(step)
      const reply = await send('POST', `/api/v1/${step.kind}`, step.kind === 'conversations' ? { title } : { title, text: `${title} stands here.`, mediaType: 'text/plain', collection: 'mine' })
      expect(reply.status).toBe(200)
      things.push({ owner: step.by, kind: step.kind, id: Made.parse(reply.json).id, title })
      return
    }
    case 'list': {
      const { items } = List.parse((await send('GET', `/api/v1/${step.kind}?limit=100`)).json)
      expect(items.filter((item) => item['collection'] !== 'handbook').map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => id).toSorted())
      return
    }
    case 'read':
      if (thing?.kind !== 'conversations') return
      expect((await send('GET', `/api/v1/conversations/${thing.id}`)).json).toMatchObject(isMine ? { title: thing.title } : { status: 404 })
      return
    case 'rename':
      if (thing?.kind !== 'conversations') return
      expect((await send('PATCH', `/api/v1/conversations/${thing.id}`, { title: step.word })).status).toBe(isMine ? 200 : 404)
      if (isMine) thing.title = step.word
      return
    case 'remove':
      if (thing === undefined) return
      expect((await send('DELETE', `/api/v1/${thing.kind}/${thing.id}`)).status).toBe(isMine ? 204 : 404)
      if (isMine) things.splice(things.indexOf(thing), 1)
  }
}

test('whatever two tenants do, each sees what is theirs, as it is, and nothing else', async () => {
  let runs = 0
  await fc.assert(fc.asyncProperty(steps, async (all) => {
    runs += 1
    people = [await server.renew(people[0]), await server.renew(people[1])]
    const things: Thing[] = []
    const word = (step: Step) => `${step.word} ${runs} ${things.length}`
    for (const step of all) await run(step, things, word)
    for (const by of [0, 1] as const) {
      for (const kind of ['conversations', 'documents'] as const) await run({ by, key: by === 0, act: 'list', kind, pick: 0, word: '' }, things, word)
      // What one asks is answered from what is theirs.
      const asked = things.find(({ kind, owner }) => kind === 'documents' && owner !== by)
      if (asked !== undefined) expect((await people[by].call('POST', '/api/v1/chat', { text: `What is ${asked.title}?`, model: 'sallyport/library' })).text).not.toContain(asked.id)
    }
    for (const thing of things) { server.clock.advance(13_000); await people[thing.owner].call('DELETE', `/api/v1/${thing.kind}/${thing.id}`) }
  }), { numRuns: 25 })
}, 120_000)
