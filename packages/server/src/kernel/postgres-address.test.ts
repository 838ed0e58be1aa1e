import { describe, expect, test } from 'vitest'
import { readPostgresAddress } from './postgres-address.ts'

const PASSWORD = 'p%2Fw'
const read = (url: string) => {
  const address = readPostgresAddress(url)
  return 'refusal' in address ? address.refusal : address
}

describe('an address of PostgreSQL', () => {
  test.each([
    ['postgres://sallyport@db.example.org/sallyport', true, false], ['postgresql://sallyport@10.0.0.5:6432/x', true, false], ['postgres://a@db.example.org/b?sslmode=require', true, false], ['postgres://a@[2001:db8::1]/b', true, false],
    ['postgres://a@127.0.0.1/b', false, true], ['postgres://a@localhost:5433/b', false, true], ['postgres://a@[::1]/b', false, true], ['postgres:///b', false, true], ['postgres:///b?host=/run/postgresql', false, true], ['postgres://%2Frun%2Fpostgresql/b', false, true],
    ['postgres://a@localhost/b?sslmode=verify-full', true, true], ['postgres://a@127.0.0.1/b?sslmode=disable', false, true],
    // Names that only begin like this machine, or lead to another host by a parameter.
    ['postgres://a@localhost.example.org/b', true, false], ['postgres://a@127.0.0.1.example.org/b', true, false], ['postgres://a@localhost/b?host=db.example.org', true, false],
  ])('%s: encrypted %j, on this machine %j', (url, isEncrypted, isLocal) => { expect(read(url)).toMatchObject({ isEncrypted, isLocal }) })

  test('is taken apart as it was written', () => {
    expect(read(`postgres://us%40er:${PASSWORD}@db.example.org:6432/sally%20port?options=-c%20search_path%3Dx&application_name=chat`)).toMatchObject({ host: 'db.example.org', port: 6_432, user: 'us@er', password: 'p/w', database: 'sally port', options: '-c search_path=x', applicationName: 'chat' })
    expect(read('postgres://a@[2001:db8::1]/b')).toMatchObject({ host: '2001:db8::1', port: null })
  })

  test.each<readonly [string, RegExp]>([
    ['postgres://a@db.example.org/b?sslmode=disable', /would travel in clear.*store\.authority/], ['postgres://a@localhost/b?host=db.example.org&sslmode=disable', /would travel in clear/],
    ...['prefer', 'allow', 'no-verify', '', 'VERIFY-FULL'].map((mode) => [`postgres://a@db.example.org/b?sslmode=${mode}`, /verify-full/] as const), ['postgres://a@127.0.0.1/b?sslmode=no-verify', /verify-full/],
    ...['ssl=false', 'ssl=0', 'uselibpqcompat=true', 'rejectUnauthorized=false', 'sslnegotiation=direct', 'password=x'].map((parameter) => [`postgres://a@db.example.org/b?${parameter}`, /has no meaning here/] as const),
    ['postgres://a b@[/c', /no address/],
  ])('%s is refused', (url, refusal) => { expect(read(url)).toMatch(refusal) })
})
