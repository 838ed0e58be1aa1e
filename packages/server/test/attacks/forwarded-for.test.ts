import { describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

const wrong = (server: TestServer, fields: { readonly from: string; readonly headers?: Readonly<Record<string, string>>; readonly email?: string }) =>
  server.call('POST', '/api/v1/session', { from: fields.from, body: { email: fields.email ?? 'nobody@example.org', password: 'x' }, ...(fields.headers !== undefined && { headers: fields.headers }) })

/** Who is not listed may write what it likes. */
const forgeries = (index: number): readonly Readonly<Record<string, string>>[] => [
  { 'x-forwarded-for': `198.51.100.${index}` }, { 'x-forwarded-for': `198.51.100.${index}, 127.0.0.1` }, { forwarded: `for=198.51.100.${index}` }, { 'x-real-ip': `198.51.100.${index}` },
  { 'cf-connecting-ip': `198.51.100.${index}` }, { 'true-client-ip': `198.51.100.${index}` }, { 'x-client-ip': `198.51.100.${index}` }, { 'x-forwarded': `for=198.51.100.${index}` },
]

describe('forwarding headers from whoever is not listed', () => {
  test('gain exactly nothing: an address has its five tries of a minute, with them and without', async () => {
    for (const proxies of ['', '10.0.0.0/8']) {
      await using server = await openTestServer({ settings: { HTTP_PROXIES: proxies } })
      await server.setUpOwner()
      server.clock.stop()
      const statuses = { forged: [] as number[], plain: [] as number[] }
      for (let index = 0; index < 8; index += 1) {
        for (const headers of forgeries(index)) statuses.forged.push((await wrong(server, { from: '127.7.0.1', headers, email: `forged${statuses.forged.length}@example.org` })).status)
        statuses.plain.push((await wrong(server, { from: '127.7.0.2', email: `plain${index}@example.org` })).status)
      }
      const accepted = (all: readonly number[]) => all.filter((status) => status === 401).length
      expect(accepted(statuses.forged)).toBe(5)
      expect(accepted(statuses.forged) / accepted(statuses.plain)).toBe(1)
    }
  })

  test('nor do they blame another: who is named in them keeps what is theirs', async () => {
    await using server = await openTestServer()
    await server.setUpOwner()
    server.clock.stop()
    for (let index = 0; index < 10; index += 1) await wrong(server, { from: '127.7.0.1', headers: { 'x-forwarded-for': '127.7.0.9' }, email: `p${index}@example.org` })
    expect((await wrong(server, { from: '127.7.0.9' })).status).toBe(401)
  })
})

describe('forwarding headers from a listed proxy', () => {
  test('name the client: the rightmost hop that is no proxy, whatever the client wrote before it', async () => {
    await using server = await openTestServer({ settings: { HTTP_PROXIES: '127.8.0.0/16, 10.0.0.0/8' } })
    await server.setUpOwner()
    server.clock.stop()
    // Two clients behind one proxy: each has its own five.
    for (const client of ['198.51.100.1', '198.51.100.2']) {
      const statuses: number[] = []
      for (let index = 0; index < 7; index += 1) statuses.push((await wrong(server, { from: '127.8.0.1', headers: { 'x-forwarded-for': client }, email: `${client}-${index}@example.org` })).status)
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
    }
    // A client that rotates what it writes itself, through one proxy or a chain of them, stays the same client.
    const statuses: number[] = []
    for (let index = 0; index < 8; index += 1) {
      statuses.push((await wrong(server, { from: `127.8.0.${1 + index % 3}`, headers: { 'x-forwarded-for': `203.0.113.${index}, 10.9.9.${index}, 198.51.100.3${index % 2 === 0 ? ', 10.1.1.1' : ''}` }, email: `c${index}@example.org` })).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  })

  test('a proxy that hides whom it serves stands for all of them', async () => {
    await using server = await openTestServer({ settings: { HTTP_PROXIES: '127.8.0.1' } })
    await server.setUpOwner()
    server.clock.stop()
    const statuses: number[] = []
    for (const hop of ['unknown', '_hidden', '', 'localhost', '1.2.3', '::ffff:zz', '999.1.1.1']) statuses.push((await wrong(server, { from: '127.8.0.1', headers: { 'x-forwarded-for': hop }, email: `h${statuses.length}@example.org` })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
  })

  test('what is no address or block stops the start', async () => {
    await expect(openTestServer({ settings: { HTTP_PROXIES: 'proxy.example.org' } })).rejects.toThrow(/http\.proxies/)
  })
})
