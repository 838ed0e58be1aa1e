import { afterEach, expect, test, vi } from 'vitest'
import type { HumanCheckOffer } from '@sallyport/contract'
import { addressOf, call, whenHumanCheckNeeded, whenSignedOut } from './call.ts'

afterEach(() => { vi.unstubAllGlobals() })

test('parameters are escaped into the path, and the query follows', () => {
  expect(addressOf('deleteProvider', { params: { name: 'a/../b?c' } })).toBe('/api/v1/providers/a%2F..%2Fb%3Fc')
  expect(addressOf('listKeys', { query: { limit: 5 } })).toBe('/api/v1/keys?limit=5')
})

test('a body goes as JSON to our own origin with its cookie; a call without one has no content type', async () => {
  const sent: RequestInit[] = []
  vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => { sent.push(init); return new Response(null, { status: 204 }) })
  await call('deleteProvider', { params: { name: 'openai' } })
  await call('signOut', {})
  expect(sent.map(({ method, credentials, body }) => ({ method, credentials, body }))).toEqual([{ method: 'DELETE', credentials: 'same-origin', body: undefined }, { method: 'DELETE', credentials: 'same-origin', body: undefined }])
  expect(new Headers(sent[0]?.headers).get('content-type')).toBeNull()
})

test('a reply that is not what the contract says is refused', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ open: 'yes' }))
  await expect(call('getSetup', {})).rejects.toMatchObject({ code: 'unreadable' })
  vi.stubGlobal('fetch', async () => Response.json({ open: true }))
  expect(await call('getSetup', {})).toEqual({ open: true })
})

test('an ended session is told once, but not by the question whether there is one', async () => {
  const told = vi.fn<() => void>()
  whenSignedOut(told)
  vi.stubGlobal('fetch', async () => Response.json({ type: '/problems/not-signed-in', title: 'Sign in to continue', status: 401, instance: 'urn:request:1', code: 'not-signed-in' }, { status: 401 }))
  await expect(call('getSession', {})).rejects.toMatchObject({ code: 'not-signed-in' })
  expect(told).not.toHaveBeenCalled()
  await expect(call('listKeys', {})).rejects.toMatchObject({ code: 'not-signed-in' })
  expect(told).toHaveBeenCalledOnce()
})

test('an error page of a proxy is a problem too', async () => {
  vi.stubGlobal('fetch', async () => new Response('<h1>502</h1>', { status: 502 }))
  await expect(call('listKeys', {})).rejects.toMatchObject({ code: 'unreadable', requestId: null })
})

const offer: HumanCheckOffer = { kind: 'widget', script: 'https://check.example/api.js', siteKey: 'site', action: 'signIn', bound: 'b' }
/** A server that asks for a check so often, then lets in; gives the answers that it was sent. */
function serverThatAsks(times: number) {
  const answers: (string | null)[] = []
  vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
    answers.push(new Headers(init.headers).get('sallyport-human-check'))
    return answers.length > times ? Response.json({ open: true }) : Response.json({ type: '/problems/human-check-needed', title: 'Show it', status: 403, instance: 'urn:request:1', code: 'human-check-needed', humanCheck: offer }, { status: 403 })
  })
  return answers
}

test('a call that is asked for a human check is sent again with its answer, and nothing else is', async () => {
  const made = vi.fn<(asked: HumanCheckOffer) => Promise<string | null>>(async () => 'an answer')
  whenHumanCheckNeeded(made)
  const answers = serverThatAsks(1)
  expect(await call('getSetup', {})).toEqual({ open: true })
  expect(answers).toEqual([null, 'an answer'])
  expect(made.mock.calls.map(([asked]) => asked)).toEqual([offer])
})

test('a check that is given up ends the call in words for people, and one that is asked for again and again ends too', async () => {
  whenHumanCheckNeeded(async () => null)
  serverThatAsks(100)
  await expect(call('getSetup', {})).rejects.toMatchObject({ code: 'human-check-needed', title: 'The check was not finished' })
  whenHumanCheckNeeded(async () => 'an answer')
  const answers = serverThatAsks(100)
  await expect(call('getSetup', {})).rejects.toMatchObject({ code: 'human-check-needed' })
  expect(answers).toHaveLength(4)
})

test('a call that its page gave up meanwhile is not sent again', async () => {
  const gone = new AbortController()
  whenHumanCheckNeeded(async () => { gone.abort(); return null })
  const answers = serverThatAsks(1)
  await expect(call('getSetup', {}, gone.signal)).rejects.toMatchObject({ name: 'AbortError' })
  expect(answers).toHaveLength(1)
})
