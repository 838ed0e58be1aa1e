import { expect, test, describe } from 'vitest'
import { ProblemError } from '../../kernel/problem.ts'
import type { Accounts } from './index.ts'
import { GOOD_PASSWORD, openAccounts, stranger, tokenIn } from '../../testing/open-accounts.ts'
import { describeEachEngine } from '../../testing/server-database.ts'

const HOUR = 3_600_000
const byManager = { own: false, further: [] } as const
const code = (expected: string) => expect.objectContaining({ code: expected })
const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', (error: unknown) => (error instanceof ProblemError ? error.code : String(error)))
const ANOTHER = 'seven other purple elephants'

/** Somebody gets in, as a sign-in does it. */
const enter = async ({ accounts, database }: Awaited<ReturnType<typeof openAccounts>>, ...[caller, accountId]: Parameters<Accounts['entering']>) => {
  const { steps, ...told } = await accounts.entering(caller, accountId)
  await database.write(steps)
  return told
}

describeEachEngine('passwords at the door', (dialect) => {
  test('whoever has none, is suspended, is a service or does not exist is refused in the same words', async () => {
    await using open = await openAccounts(dialect)
    const { accounts } = open
    const owner = await open.add('owner', 'owner')
    const [ann, bob] = [await open.add('ann', 'member'), await open.add('bob', 'member')]
    await accounts.change(owner.caller, ann.id, { status: 'suspended' })
    await open.database.write([{ query: open.database.read.updateTable('account').set({ password_sealed: null }).where('id', '=', bob.id).compile() }])
    const refusals = await Promise.all(['ann', 'bob', 'nobody'].map((name) => accounts.checkPassword(stranger(), { email: `${name}@example.org`, password: GOOD_PASSWORD }).catch((error: unknown) => error)))
    for (const refusal of refusals) expect(refusal).toEqual(refusals[2])
    expect(refusals[2]).toEqual(code('wrong-credentials'))
    expect((await accounts.checkPassword(stranger(), { email: 'OWNER@example.org', password: GOOD_PASSWORD })).id).toBe(owner.id)
  })

  test('tries are counted in the store: neither another process nor a restart has more of them', async () => {
    await using open = await openAccounts(dialect)
    await open.add('owner', 'owner')
    const processes = [open, open.another(), open.another()]
    let tried = 0
    for (let minute = 0; minute < 55; minute += 1) {
      for (const { accounts } of [...processes, open.another()]) {
        if (await codeOf(accounts.checkPassword(stranger(`198.51.100.${minute}`), { email: 'owner@example.org', password: 'a wrong guess' })) === 'wrong-credentials') tried += 1
      }
      open.clock.advance(60_000)
    }
    expect(tried).toBe(8)
  })

  test('many at once in several processes gain nothing', async () => {
    await using open = await openAccounts(dialect)
    await open.add('owner', 'owner')
    const processes = [open, open.another(), open.another(), open.another()]
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, index) => codeOf((processes[index % 4] ?? open).accounts.checkPassword(stranger(), { email: 'owner@example.org', password: `guess ${index}` }))))
    expect(outcomes.filter((outcome) => outcome === 'wrong-credentials')).toHaveLength(4)
    expect(new Set(outcomes)).toEqual(new Set(['wrong-credentials', 'too-many-requests']))
  })

  test('the owner is told of a lock by mail and at the next sign-in, gets in with a known browser meanwhile, and an administrator ends it', async () => {
    await using open = await openAccounts(dialect)
    const { accounts, clock } = open
    const owner = await open.add('owner', 'owner')
    const ann = await open.add('ann', 'member')
    const right = { email: 'ann@example.org', password: GOOD_PASSWORD }
    const first = await enter(open, stranger(), ann.id)
    expect(first.wasLocked).toBe(false)
    const home = { ...stranger('192.0.2.44'), deviceToken: first.deviceToken }
    for (let turn = 0; turn < 8; turn += 1) { clock.advance(200_000); await codeOf(accounts.checkPassword(stranger(), { ...right, password: 'wrong' })) }
    await accounts.settled()
    expect(open.mails.map(({ to, subject }) => [to, subject])).toEqual([['ann@example.org', 'Wrong passwords for your account']])
    expect((await accounts.managed(ann.id)).lockedUntil).not.toBeNull()
    expect(await codeOf(accounts.checkPassword(stranger(), right))).toBe('too-many-requests')
    expect((await accounts.checkPassword(home, right)).id).toBe(ann.id)
    // A browser keeps its token, and one that is known for somebody else is a stranger's here.
    expect(await enter(open, home, ann.id)).toEqual({ wasLocked: true, deviceToken: first.deviceToken })
    expect(await enter(open, home, ann.id)).toEqual({ wasLocked: false, deviceToken: first.deviceToken })
    const elsewhere = await enter(open, stranger(), owner.id)
    expect(await codeOf(accounts.checkPassword({ ...home, deviceToken: elsewhere.deviceToken }, right))).toBe('too-many-requests')
    await accounts.unlock(owner.caller, ann.id)
    expect((await accounts.managed(ann.id)).lockedUntil).toBeNull()
    expect((await accounts.checkPassword(stranger(), right)).id).toBe(ann.id)
  })

  test('an address that nobody has is locked in the same way, and no mail is sent', async () => {
    await using open = await openAccounts(dialect)
    await open.add('owner', 'owner')
    const outcomes: string[] = []
    for (let turn = 0; turn < 10; turn += 1) { open.clock.advance(200_000); outcomes.push(await codeOf(open.accounts.checkPassword(stranger(), { email: 'nobody@example.org', password: 'wrong' }))) }
    await open.accounts.settled()
    expect(outcomes).toEqual([...Array.from({ length: 8 }, () => 'wrong-credentials'), 'too-many-requests', 'too-many-requests'])
    expect(open.mails).toEqual([])
  })
})

describeEachEngine('setting a password anew', (dialect) => {
  test('by mail: a link that works once, for half an hour, and ends everything that was open', async () => {
    await using open = await openAccounts(dialect)
    const { accounts, clock, mails } = open
    await open.add('owner', 'owner')
    const ann = await open.add('ann', 'member')
    accounts.requestPasswordReset(stranger(), { email: 'Ann@Example.org' })
    accounts.requestPasswordReset(stranger(), { email: 'nobody@example.org' })
    await accounts.settled()
    expect(mails).toHaveLength(1)
    const token = tokenIn(mails[0]?.text ?? '')
    expect(mails[0]?.text).toContain(`https://chat.example.net/reset#${token}`)
    expect(await codeOf(accounts.resetPassword(stranger(), { token, password: 'password1234567' }))).toBe('weak-password')
    clock.advance(29 * 60_000)
    await accounts.resetPassword(stranger(), { token, password: ANOTHER })
    expect(open.announced).toContain(ann.id)
    expect(await codeOf(accounts.resetPassword(stranger(), { token, password: GOOD_PASSWORD }))).toBe('link-ended')
    expect((await accounts.checkPassword(stranger(), { email: 'ann@example.org', password: ANOTHER })).id).toBe(ann.id)
    expect(await codeOf(accounts.checkPassword(stranger(), { email: 'ann@example.org', password: GOOD_PASSWORD }))).toBe('wrong-credentials')
  })

  test('a link ends by time, by a newer one, by a change of password or address, and by suspension', async () => {
    await using open = await openAccounts(dialect)
    const { accounts, clock } = open
    const owner = await open.add('owner', 'owner')
    const ann = await open.add('ann', 'member')
    const makeLink = async () => tokenIn((await accounts.createResetLink(owner.caller, ann.id)).link)
    const use = (token: string) => codeOf(accounts.resetPassword(stranger(), { token, password: ANOTHER }))

    const late = await makeLink()
    clock.advance(24 * HOUR)
    expect(await use(late)).toBe('link-ended')
    const [older, newer] = [await makeLink(), await makeLink()]
    expect(await use(older)).toBe('link-ended')
    await accounts.changePassword(ann.caller, { current: GOOD_PASSWORD, password: 'nine wild green bicycles' })
    expect(await use(newer)).toBe('link-ended')
    const beforeAddress = await makeLink()
    await accounts.changeEmail(ann.caller, { email: 'new@example.org' })
    await accounts.settled()
    await accounts.verifyEmail(stranger(), { token: tokenIn(open.mails.at(-1)?.text ?? '') })
    expect(await use(beforeAddress)).toBe('link-ended')
    const beforeSuspension = await makeLink()
    await accounts.change(owner.caller, ann.id, { status: 'suspended' })
    expect(await use(beforeSuspension)).toBe('link-ended')
    await accounts.change(owner.caller, ann.id, { status: 'active' })
    expect(await use(beforeSuspension)).toBe('link-ended')
    expect(await codeOf(accounts.createResetLink(owner.caller, ann.id))).toBe('done')
  })

  test('of many who use one link at once exactly one does', async () => {
    await using open = await openAccounts(dialect)
    const owner = await open.add('owner', 'owner')
    const ann = await open.add('ann', 'member')
    const token = tokenIn((await open.accounts.createResetLink(owner.caller, ann.id)).link)
    const processes = [open, open.another()]
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => codeOf((processes[index % 2] ?? open).accounts.resetPassword(stranger(), { token, password: `four unrelated words ${index} here` }))))
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
    expect(new Set(outcomes)).toEqual(new Set(['done', 'link-ended']))
  }, 60_000)

  test('one address gets so many mails in an hour and no more', async () => {
    await using open = await openAccounts(dialect)
    await open.add('owner', 'owner')
    for (let time = 0; time < 9; time += 1) open.accounts.requestPasswordReset(stranger(), { email: 'owner@example.org' })
    await open.accounts.settled()
    expect(open.mails).toHaveLength(5)
    open.clock.advance(HOUR + 1)
    open.accounts.requestPasswordReset(stranger(), { email: 'owner@example.org' })
    await open.accounts.settled()
    expect(open.mails).toHaveLength(6)
  })

  test('without mail it says so to everybody', async () => {
    await using open = await openAccounts(dialect, { mail: false })
    await open.add('owner', 'owner')
    for (const email of ['owner@example.org', 'nobody@example.org']) expect(() => { open.accounts.requestPasswordReset(stranger(), { email }) }).toThrow(code('mail-unavailable'))
  })
})

describeEachEngine('coming in', (dialect) => {
  test('an invitation gives the role that was written down with it, to the address that it names, once', async () => {
    await using open = await openAccounts(dialect)
    const { accounts } = open
    const owner = await open.add('owner', 'owner')
    const made = await accounts.createInvitation(owner.caller, { role: 'auditor', email: 'ann@example.org', expiresInHours: 2, uses: 1, send: true })
    await accounts.settled()
    expect(open.mails).toMatchObject([{ to: 'ann@example.org', text: expect.stringContaining(made.link) }])
    const token = tokenIn(made.link)
    expect(await accounts.getInvitation(token)).toMatchObject({ role: 'auditor', email: 'ann@example.org' })
    const fields = { token, name: 'Ann', password: GOOD_PASSWORD }
    expect(await codeOf(accounts.acceptInvitation(stranger(), { ...fields, email: 'eve@example.org' }))).toBe('invalid-request')
    expect(await codeOf(accounts.acceptInvitation(stranger(), { ...fields, password: 'ann@example.org1' }))).toBe('weak-password')
    expect(await accounts.acceptInvitation(stranger(), fields)).toMatchObject({ role: 'auditor', email: 'ann@example.org', status: 'active' })
    expect(await codeOf(accounts.acceptInvitation(stranger(), fields))).toBe('link-ended')
    expect((await accounts.listInvitations({ limit: 10 })).items[0]).toMatchObject({ state: 'used', usesLeft: 0 })
  })

  test('of many who accept at once as many come in as it has uses', async () => {
    await using open = await openAccounts(dialect)
    const owner = await open.add('owner', 'owner')
    const processes = [open, open.another()]
    for (const uses of [1, 3]) {
      const { link } = await open.accounts.createInvitation(owner.caller, { role: 'member', expiresInHours: 1, uses, send: false })
      const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => codeOf((processes[index % 2] ?? open).accounts.acceptInvitation(stranger(), { token: tokenIn(link), email: `p${uses}-${index}@example.org`, name: `P ${index}`, password: GOOD_PASSWORD }))))
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(uses)
      expect(new Set(outcomes)).toEqual(new Set(['done', 'link-ended']))
    }
    expect((await open.accounts.list({ limit: 100 })).items).toHaveLength(5)
    // Whoever lost left nothing behind, neither an account nor a key.
    expect(await open.database.read.selectFrom('data_key').select('owner_id').where('owner_id', 'like', 'acc%').execute()).toHaveLength(5)
  }, 90_000)

  test('an address that is taken costs no use', async () => {
    await using open = await openAccounts(dialect)
    const owner = await open.add('owner', 'owner')
    const { link } = await open.accounts.createInvitation(owner.caller, { role: 'member', expiresInHours: 1, uses: 1, send: false })
    const fields = { token: tokenIn(link), name: 'Ann', password: GOOD_PASSWORD }
    expect(await codeOf(open.accounts.acceptInvitation(stranger(), { ...fields, email: 'OWNER@example.org' }))).toBe('conflict')
    expect(await codeOf(open.accounts.acceptInvitation(stranger(), { ...fields, email: 'ann@example.org' }))).toBe('done')
  })

  test('it ends by time, by revocation, and with the standing of whoever gave it', async () => {
    await using open = await openAccounts(dialect)
    const { accounts, clock } = open
    const owner = await open.add('owner', 'owner')
    const admin = await open.add('admin', 'administrator')
    const invite = () => accounts.createInvitation(admin.caller, { role: 'member', expiresInHours: 1, uses: 5, send: false })
    const [late, revoked] = [await invite(), await invite()]
    await accounts.revokeInvitation(owner.caller, revoked.invitation.id)
    expect(await codeOf(accounts.getInvitation(tokenIn(revoked.link)))).toBe('link-ended')
    for (const id of [revoked.invitation.id, 'inv_none']) expect(await codeOf(accounts.revokeInvitation(owner.caller, id))).toBe('not-found')
    clock.advance(HOUR)
    expect(await codeOf(accounts.getInvitation(tokenIn(late.link)))).toBe('link-ended')
    const standing = await invite()
    await accounts.change(owner.caller, admin.id, { role: 'member' })
    expect(await codeOf(accounts.getInvitation(tokenIn(standing.link)))).toBe('link-ended')
  })

  test('signing up is closed until domains are listed, and then for them alone; an address that is known gets another mail and the same answer', async () => {
    await using closed = await openAccounts(dialect)
    await expect(closed.accounts.signUp(stranger(), { email: 'ann@example.org' })).rejects.toThrow(code('not-allowed'))
    expect(closed.accounts.signUpPolicy()).toEqual({ open: false, domains: [], mail: true })
    await using open = await openAccounts(dialect, { domains: ['example.org'] })
    const { accounts } = open
    await open.add('owner', 'owner')
    for (const email of ['ann@example.com', 'ann@example.org.evil.net', 'ann@sub.example.org']) await expect(accounts.signUp(stranger(), { email })).rejects.toThrow(code('not-allowed'))
    await accounts.signUp(stranger(), { email: 'Ann@EXAMPLE.org' })
    await accounts.signUp(stranger(), { email: 'owner@example.org' })
    await accounts.settled()
    expect(open.mails.map(({ to, subject }) => [to, subject])).toEqual([['Ann@EXAMPLE.org', 'Your Sallyport account'], ['owner@example.org', 'Your Sallyport account']])
    expect(tokenIn(open.mails[1]?.text ?? '')).toBe('')
    const token = tokenIn(open.mails[0]?.text ?? '')
    const made = await accounts.acceptInvitation(stranger(), { token, name: 'Ann', password: GOOD_PASSWORD })
    expect(made.role).toBe('member')
    expect(await accounts.managed(made.id)).toMatchObject({ emailVerified: true })
    // What somebody asked for themselves is nobody's invitation to see.
    expect((await accounts.listInvitations({ limit: 10 })).items).toEqual([])
  })
})

describeEachEngine('managing accounts', (dialect) => {
  test('nobody gives a role above what the table allows, nor touches who stands there', async () => {
    await using open = await openAccounts(dialect)
    const { accounts } = open
    const [owner, admin, other, member] = [await open.add('owner', 'owner'), await open.add('admin', 'administrator'), await open.add('other', 'administrator'), await open.add('member', 'member')]
    for (const role of ['owner', 'administrator'] as const) {
      expect(await codeOf(accounts.change(admin.caller, member.id, { role }))).toBe('not-allowed')
      expect(await codeOf(accounts.change(admin.caller, admin.id, { role }))).toBe('not-allowed')
      expect(await codeOf(accounts.createInvitation(admin.caller, { role, expiresInHours: 1, uses: 1, send: false }))).toBe('not-allowed')
    }
    for (const id of [owner.id, other.id]) {
      expect(await codeOf(accounts.change(admin.caller, id, { status: 'suspended' }))).toBe('not-allowed')
      expect(await codeOf(accounts.createResetLink(admin.caller, id))).toBe('not-allowed')
      expect(await codeOf(accounts.remove(admin.caller, id, byManager))).toBe('not-allowed')
      expect(await codeOf(accounts.unlock(admin.caller, id))).toBe('not-allowed')
    }
    expect(await codeOf(accounts.change(admin.caller, member.id, { role: 'operator' }))).toBe('done')
    expect(await codeOf(accounts.change(owner.caller, member.id, { role: 'owner' }))).toBe('done')
    expect(await codeOf(accounts.change(owner.caller, 'acc_none', { role: 'guest' }))).toBe('not-found')
  })

  test('a service never owns the server, whoever says so', async () => {
    await using open = await openAccounts(dialect)
    const { accounts, database } = open
    const [owner, service] = [await open.add('owner', 'owner'), await open.add('service', 'member')]
    await database.write([{ query: database.read.updateTable('account').set({ kind: 'service', password_sealed: null }).where('id', '=', service.id).compile() }])
    expect(await codeOf(accounts.change(owner.caller, service.id, { role: 'owner' }))).toBe('not-allowed')
    expect(await codeOf(accounts.change(owner.caller, service.id, { role: 'operator' }))).toBe('done')
  })

  test('the last active owner stays, also when two owners remove each other at once', async () => {
    await using open = await openAccounts(dialect)
    const [first, second] = [await open.add('first', 'owner'), await open.add('second', 'owner')]
    const other = open.another()
    for (const change of [{ role: 'member' as const }, { status: 'suspended' as const }]) {
      const outcomes = await Promise.all([codeOf(open.accounts.change(first.caller, second.id, change)), codeOf(other.accounts.change(second.caller, first.id, change))])
      expect(outcomes.toSorted()).toEqual(['conflict', 'done'])
      const left = (await open.accounts.list({ limit: 10 })).items.find(({ role, status }) => role === 'owner' && status === 'active')
      const gone = left?.id === first.id ? second : first
      const caller = left?.id === first.id ? first.caller : second.caller
      expect(await codeOf(open.accounts.change(caller, left?.id ?? '', change))).toBe('conflict')
      expect(await codeOf(open.accounts.remove(caller, left?.id ?? '', byManager))).toBe('conflict')
      await open.accounts.change(caller, gone.id, { role: 'owner', status: 'active' })
    }
  })

  test('erasing one\'s own account erases no other', async () => {
    await using open = await openAccounts(dialect)
    await open.add('owner', 'owner')
    const [ann, bob] = [await open.add('ann', 'member'), await open.add('bob', 'member')]
    for (const id of [bob.id, 'acc_none']) expect(await codeOf(open.accounts.remove(ann.caller, id, { own: true, further: [] }))).toBe('not-found')
    expect(await codeOf(open.accounts.get(bob.id))).toBe('done')
    expect(await codeOf(open.accounts.remove(ann.caller, ann.id, { own: true, further: [] }))).toBe('done')
    // What was begun before goes on as nobody.
    const late = [open.accounts.changeProfile(ann.caller, { name: 'Ann' }), open.accounts.changePassword(ann.caller, { current: GOOD_PASSWORD, password: ANOTHER }), open.accounts.provePassword(ann.caller, GOOD_PASSWORD), open.accounts.verifyEmail(stranger(), { token: 'x'.repeat(43) })]
    expect(await Promise.all(late.map(codeOf))).toEqual(['not-found', 'not-found', 'not-signed-in', 'link-ended'])
  })

  test('erasing an account destroys its key, so that nothing of it opens again', async () => {
    await using open = await openAccounts(dialect)
    const { accounts, database, keyRing } = open
    const owner = await open.add('owner', 'owner')
    const ann = await open.add('ann', 'member')
    const sealed = (await keyRing.sealerOf(ann.id)).seal({ table: 'message', rowId: 'x', column: 'text_sealed' }, 'a kept copy')
    await accounts.remove(owner.caller, ann.id, byManager)
    expect(await database.read.selectFrom('data_key').select('owner_id').where('owner_id', '=', ann.id).execute()).toEqual([])
    await expect((async () => (await keyRing.sealerOf(ann.id)).open({ table: 'message', rowId: 'x', column: 'text_sealed' }, sealed))()).rejects.toThrow()
    expect([await codeOf(accounts.get(ann.id)), await codeOf(accounts.managed(ann.id))]).toEqual(['not-found', 'not-found'])
    expect(open.announced).toContain(ann.id)
    const rows = await database.read.selectFrom('audit_entry').select(['action', 'detail']).orderBy('sequence', 'desc').limit(1).execute()
    expect(rows).toEqual([{ action: 'account-deleted', detail: JSON.stringify({ accountId: ann.id, role: 'member' }) }])
    expect((await open.add('ann', 'guest')).role).toBe('guest')
  })
})

describeEachEngine('one\'s own account', (dialect) => {
  test('a new address must prove itself, the former is told, and a taken one is answered alike', async () => {
    await using open = await openAccounts(dialect)
    const { accounts, mails } = open
    await open.add('owner', 'owner')
    const ann = await open.add('ann', 'member')
    expect(await accounts.changeEmail(ann.caller, { email: 'owner@example.org' })).toEqual({ state: 'verification-sent' })
    await accounts.settled()
    expect(tokenIn(mails.at(-1)?.text ?? '')).toBe('')
    expect(await accounts.changeEmail(ann.caller, { email: 'new@example.org' })).toEqual({ state: 'verification-sent' })
    await accounts.settled()
    const token = tokenIn(mails.at(-1)?.text ?? '')
    expect((await accounts.get(ann.id)).email).toBe('ann@example.org')
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => codeOf(accounts.verifyEmail(stranger(), { token }))))
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
    await accounts.settled()
    expect((await accounts.get(ann.id)).email).toBe('new@example.org')
    expect(mails.at(-1)).toMatchObject({ to: 'ann@example.org', subject: 'Your e-mail address was changed' })
    expect((await accounts.checkPassword(stranger(), { email: 'new@example.org', password: GOOD_PASSWORD })).id).toBe(ann.id)
  })

  test('a new password needs the present one, is not the present one, and wrong ones are counted', async () => {
    await using open = await openAccounts(dialect)
    const { accounts } = open
    const owner = await open.add('owner', 'owner')
    expect(await codeOf(accounts.changePassword(owner.caller, { current: GOOD_PASSWORD, password: GOOD_PASSWORD }))).toBe('weak-password')
    const outcomes: string[] = []
    for (let time = 0; time < 12; time += 1) outcomes.push(await codeOf(accounts.changePassword(owner.caller, { current: `wrong ${time}`, password: ANOTHER })))
    expect(outcomes.filter((outcome) => outcome === 'wrong-credentials')).toHaveLength(10)
    open.clock.advance(HOUR)
    await accounts.changePassword(owner.caller, { current: GOOD_PASSWORD, password: ANOTHER })
    await accounts.settled()
    expect(open.mails.at(-1)?.subject).toBe('Your password was changed')
  })
})

describe('mails', () => {
  test('hold a link of this server, and no name or word of anybody', async () => {
    await using open = await openAccounts('sqlite', { domains: ['example.org'] })
    const owner = await open.add('Olive Hummingbird'.toLowerCase().replace(' ', '.'), 'owner')
    await open.accounts.createInvitation(owner.caller, { role: 'member', email: 'x@example.org', expiresInHours: 1, uses: 1, send: true })
    open.accounts.requestPasswordReset(stranger(), { email: owner.email })
    await open.accounts.signUp(stranger(), { email: owner.email })
    await open.accounts.changeEmail(owner.caller, { email: 'y@example.org' })
    await open.accounts.settled()
    expect(open.mails).toHaveLength(5)
    for (const { text, subject } of open.mails) {
      expect(`${subject} ${text}`).not.toMatch(/hummingbird|@/i)
      expect(text.match(/https?:\/\/\S+/g)).toHaveLength(1)
      expect(text).toMatch(/^https:\/\/chat\.example\.net\/(invitation|reset|verify|sign-in)(#[\w-]{43})?$/m)
    }
  })
})
