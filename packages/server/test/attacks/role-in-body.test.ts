import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
let member: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** Everything that a client might hope is written into the row as it comes. */
const smuggled: readonly Readonly<Record<string, unknown>>[] = [
  { role: 'owner' }, { roles: ['owner'] }, { isAdmin: true }, { permissions: ['account:manage'] }, { status: 'active' }, { id: 'acc_00000000000000000000000000000000' }, { accountId: 'acc_00000000000000000000000000000000' },
  { kind: 'service' }, { emailVerified: true }, { email_verified_at: 1 }, { passwordChangeNeeded: false }, { createdAt: '2020-01-01T00:00:00.000Z' }, { secondFactor: true }, { uses: 1_000 },
]
const rolesNow = async () => (await server.sallyport.database.read.selectFrom('account').select(['id', 'role', 'status', 'kind']).orderBy('id').execute())

test('an invitation gives its own role: what else is sent with its acceptance is refused, and takes nothing', async () => {
  const { link } = (await owner.call('POST', '/api/v1/invitations', { role: 'guest' })).json as { link: string }
  const fields = { token: link.slice(link.indexOf('#') + 1), email: 'eve@example.org', name: 'Eve', password: PASSWORD }
  for (const extra of smuggled) {
    server.clock.advance(10_000)
    const reply = await server.call('POST', '/api/v1/invitations/accept', { body: { ...fields, ...extra } })
    expect(reply.status, JSON.stringify(extra)).toBe(400)
  }
  server.clock.advance(10_000)
  const accepted = await server.call('POST', '/api/v1/invitations/accept', { body: fields })
  expect(accepted.json).toMatchObject({ role: 'guest', status: 'active' })
})

test.each([
  { what: 'signing up', method: 'POST', path: '/api/v1/sign-up', body: { email: 'eve@example.org' } },
  { what: 'the own profile', method: 'PATCH', path: '/api/v1/account', body: { name: 'Eve' } },
  { what: 'the own address', method: 'PUT', path: '/api/v1/account/email', body: { email: 'eve2@example.org' } },
  { what: 'the own password', method: 'PUT', path: '/api/v1/account/password', body: { current: PASSWORD, password: 'seven other purple elephants' } },
  { what: 'a reset', method: 'POST', path: '/api/v1/password-resets', body: { email: 'member@example.org' } },
])('$what takes no role, id or state beside its own fields', async ({ method, path, body }) => {
  const before = await rolesNow()
  for (const extra of smuggled) {
    server.clock.advance(20_000)
    expect((await member.call(method, path, { ...body, ...extra })).status, JSON.stringify(extra)).toBe(400)
  }
  expect(await rolesNow()).toEqual(before)
})

test('nobody raises themselves or others beyond what the table of roles lets them give', async () => {
  const administrator = await server.addAccount('admin', 'administrator')
  const tries = [
    { who: member, target: member, role: 'administrator', status: 403 }, { who: administrator, target: administrator, role: 'owner', status: 403 },
    { who: administrator, target: member, role: 'owner', status: 403 }, { who: administrator, target: member, role: 'administrator', status: 403 },
    { who: administrator, target: owner, role: 'member', status: 403 }, { who: administrator, target: member, role: 'operator', status: 200 },
  ]
  for (const { who, target, role, status } of tries) {
    const reply = await who.call('PATCH', `/api/v1/accounts/${target.account.id}`, { role })
    expect(reply.status, `${who.account.role} makes a ${target.account.role} ${role}`).toBe(status)
  }
  expect((await administrator.call('POST', '/api/v1/invitations', { role: 'owner' })).status).toBe(403)
  expect((await member.call('POST', '/api/v1/invitations', { role: 'guest' })).status).toBe(403)
})
