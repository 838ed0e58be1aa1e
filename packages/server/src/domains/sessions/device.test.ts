import { expect, test } from 'vitest'
import { describeDevice } from './device.ts'

const of = (userAgent: string, address = '198.51.100.7') => describeDevice({ userAgent, address })

test.each([
  ['Firefox', 'Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ['Chrome', 'Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36'],
  ['Edge', 'Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0'],
  ['Safari', 'macOS', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15'],
  ['Safari', 'iPhone', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'],
  ['Chrome', 'Android', 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36'],
  ['Chrome', 'iPad', 'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1'],
  ['curl', 'Unknown', 'curl/8.14.1'],
  ['Unknown', 'Unknown', ''],
  ['Unknown', 'Unknown', '<script>alert(1)</script>'],
])('tells %s on %s', (browser, system, userAgent) => {
  expect(of(userAgent)).toEqual({ browser, system, network: '198.51.100.0/24' })
})

test('keeps the network and not the address', () => {
  expect(of('', '2001:db8:1:2:3:4:5:6').network).toBe('2001:db8:1::/48')
  expect(of('', 'local').network).toBe('local')
})
