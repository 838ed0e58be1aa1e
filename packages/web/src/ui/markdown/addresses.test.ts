import { expect, test } from 'vitest'
import { offeredAddress } from './addresses.ts'

test.each(['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:https://a.example/1', 'ftp://a.example', '//a.example/x', '/api/v1/session', '#x', '', 'https://good.example@evil.example/', 'https://u:p@evil.example/'])('%j is not offered', (text) => {
  expect(offeredAddress(text)).toBeNull()
})

test('an address is offered in the form that the browser goes to', () => {
  expect(offeredAddress('https://EXAMPLE.org/a b?q=ä')).toEqual({ href: 'https://example.org/a%20b?q=%C3%A4', host: 'example.org' })
  expect(offeredAddress('https://аpple.com/')).toEqual({ href: 'https://xn--pple-43d.com/', host: 'xn--pple-43d.com' })
  expect(offeredAddress('mailto:a@b.example')).toEqual({ href: 'mailto:a@b.example', host: 'a@b.example' })
})
