import { expect, test } from 'vitest'
import { siteOf } from './site.ts'

test('a name has passkeys over TLS alone; only this machine has them without', () => {
  expect(siteOf('chat.example.org')).toEqual({ domain: 'chat.example.org', origins: ['https://chat.example.org'] })
  expect(siteOf('chat.example.org:8443')).toEqual({ domain: 'chat.example.org', origins: ['https://chat.example.org:8443'] })
  expect(siteOf('localhost:8080')).toEqual({ domain: 'localhost', origins: ['https://localhost:8080', 'http://localhost:8080'] })
  expect(siteOf('chat.localhost:8080').origins).toContain('http://chat.localhost:8080')
  for (const name of ['notlocalhost', 'localhost.example.org', 'my-localhost:8080']) expect(siteOf(name).origins).toEqual([`https://${name}`])
})

test.each(['127.0.0.1:8080', '192.0.2.1', '[::1]:8080', '[2001:db8::1]', ''])('the address "%s" has none', (host) => {
  expect(() => siteOf(host)).toThrow(expect.objectContaining({ code: 'conflict' }))
})
