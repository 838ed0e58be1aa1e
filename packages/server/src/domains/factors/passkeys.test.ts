import { expect, test } from 'vitest'
import type { AuthenticatorQuirks, SoftPasskey } from '../../testing/authenticator.ts'
import { HOST, openTestFactors, outcomeOf, type TestFactors } from '../../testing/open-factors.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine } from '../../testing/server-database.ts'

const nobody = { ...callerLike('acc_0', 'guest'), scope: null, role: null }
const register = async (open: TestFactors, quirks: AuthenticatorQuirks = {}) => {
  const caller = callerLike('acc_1', 'member')
  const { attestation } = open.authenticator.make(await open.factors.beginPasskey(caller, HOST), quirks)
  return outcomeOf(open.factors.addPasskey(caller, { name: 'Key', attestation, host: HOST }))
}
const alone = async (open: TestFactors, passkey: SoftPasskey, { host = HOST, ...quirks }: AuthenticatorQuirks & { readonly host?: string } = {}) => {
  const options = await open.factors.passkeyOptions(nobody, { host })
  return outcomeOf(open.factors.signInByPasskey(nobody, { assertion: open.authenticator.use(passkey, options, quirks), host }))
}

/** What a hostile page, a broken browser or a stolen answer differs in; the empty one shows that nothing else refuses. */
const makings: readonly (readonly [string, AuthenticatorQuirks, string])[] = [
  ['as it should be', {}, 'ok'],
  ['made on another site', { origin: 'http://localhost:9090' }, 'wrong-second-factor'],
  ['made on a site that begins alike', { origin: 'http://localhost:8080.evil.example' }, 'wrong-second-factor'],
  ['for another host', { domain: 'evil.example' }, 'wrong-second-factor'],
  ['in a frame of another site', { crossOrigin: true }, 'wrong-second-factor'],
  ['without its owner\'s finger or PIN', { userVerified: false }, 'wrong-second-factor'],
  ['with a challenge of its own', { challenge: 'A'.repeat(43) }, 'wrong-second-factor'],
  ['with the answer of a sign-in', { type: 'webauthn.get' }, 'wrong-second-factor'],
]
const uses: typeof makings = [
  ['as it should be', {}, 'ok'],
  ['used on another site', { origin: 'http://localhost:9090' }, 'wrong-second-factor'],
  ['used on plain http of a name', { origin: 'http://chat.example.org' }, 'wrong-second-factor'],
  ['for another host', { domain: 'evil.example' }, 'wrong-second-factor'],
  ['in a frame of another site', { crossOrigin: true }, 'wrong-second-factor'],
  ['without its owner\'s finger or PIN', { userVerified: false }, 'wrong-second-factor'],
  ['with a challenge of its own', { challenge: 'A'.repeat(43) }, 'wrong-second-factor'],
  ['as the making of one', { type: 'webauthn.create' }, 'wrong-second-factor'],
  ['by an unknown id', { credentialId: 'A'.repeat(43) }, 'wrong-second-factor'],
  ['naming another account', { userHandle: Buffer.from('acc_2').toString('base64url') }, 'wrong-second-factor'],
]

describeEachEngine('a passkey', (dialect) => {
  test('is taken only as it should be made', async () => {
    await using open = await openTestFactors(dialect)
    await open.addAccount('acc_1')
    for (const [how, quirks, outcome] of makings) expect([how, await register(open, quirks)]).toEqual([how, outcome])
    expect((await open.factors.list(callerLike('acc_1', 'member'))).items).toMatchObject([{ kind: 'passkey', domain: 'localhost', isSynced: false }])
  })

  test('signs in alone, and only as it should be used', async () => {
    await using open = await openTestFactors(dialect)
    await open.addAccount('acc_2')
    const { passkey } = await open.enrolPasskey(await open.addAccount('acc_1'))
    for (const [how, quirks, outcome] of uses) expect([how, await alone(open, passkey, quirks)]).toEqual([how, outcome])
    const refused = await open.store.database.read.selectFrom('security_event').select('type').where('type', '=', 'second-factor-refused').execute()
    expect(refused).toHaveLength(uses.length - 1)
  })

  test('answers each challenge once, for what it was given for, within five minutes', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    const { passkey } = await open.enrolPasskey(caller)
    const options = await open.factors.passkeyOptions(nobody, { host: HOST })
    const assertion = open.authenticator.use(passkey, options)
    const signIn = (given = assertion) => outcomeOf(open.factors.signInByPasskey(nobody, { assertion: given, host: HOST }))
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => signIn()))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
    expect(await signIn()).toBe('wrong-second-factor')
    // A challenge of somebody who is signed in does not sign anybody in, nor one for making a passkey.
    expect(await signIn(open.authenticator.use(passkey, await open.factors.passkeyOptions(caller, { host: HOST })))).toBe('wrong-second-factor')
    expect(await signIn(open.authenticator.use(passkey, await open.factors.beginPasskey(caller, HOST)))).toBe('wrong-second-factor')
    const late = open.authenticator.use(passkey, await open.factors.passkeyOptions(nobody, { host: HOST }))
    open.clock.advance(300_000)
    expect(await signIn(late)).toBe('wrong-second-factor')
    expect(await alone(open, passkey)).toBe('ok')
  })

  test('is the second factor of its own account and sign-in alone', async () => {
    await using open = await openTestFactors(dialect)
    const mine = await open.enrolPasskey(await open.addAccount('acc_1'))
    const theirs = await open.enrolPasskey(await open.addAccount('acc_2'))
    const [challenge, other] = [await open.challenge('acc_1'), await open.challenge('acc_1')]
    expect(await open.factors.passkeyOptions(nobody, { host: HOST, challenge })).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [{ id: mine.passkey.id }] })
    expect(await open.complete(challenge, { assertion: await open.assertion(theirs.passkey, challenge) })).toBe('wrong-second-factor')
    expect(await open.complete(challenge, { assertion: await open.assertion(mine.passkey, other) })).toBe('wrong-second-factor')
    expect(await open.complete(challenge, { assertion: await open.assertion(mine.passkey) })).toBe('wrong-second-factor')
    expect(await open.complete(challenge, { assertion: await open.assertion(mine.passkey, challenge) })).toBe('ok')
    expect(await open.complete(challenge, { assertion: await open.assertion(mine.passkey, other) })).toBe('sign-in-expired')
    expect(await outcomeOf(open.factors.passkeyOptions(nobody, { host: HOST, challenge }))).toBe('sign-in-expired')
  })

  test('is looked at five times for one sign-in, also at once', async () => {
    await using open = await openTestFactors(dialect)
    const { passkey } = await open.enrolPasskey(await open.addAccount('acc_1'))
    const challenge = await open.challenge('acc_1')
    const wrong = async () => open.authenticator.use(passkey, await open.factors.passkeyOptions(nobody, { host: HOST, challenge }), { userVerified: false })
    const assertions = await Promise.all(Array.from({ length: 20 }, wrong))
    const outcomes = await Promise.all(assertions.map((assertion) => open.complete(challenge, { assertion })))
    expect(outcomes.filter((outcome) => outcome === 'wrong-second-factor')).toHaveLength(5)
    expect(outcomes.filter((outcome) => outcome === 'sign-in-expired')).toHaveLength(15)
  })

  test('whose counter does not rise is suspended, said so, and proves nothing any more; the account still asks for a factor', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    const { passkey, factorId } = await open.enrolPasskey(caller)
    expect(await alone(open, passkey, { counter: 7 })).toBe('ok')
    expect(await alone(open, passkey, { counter: 7 })).toBe('wrong-second-factor')
    expect(await open.factors.list(caller)).toMatchObject({ items: [{ id: factorId, suspendedAt: expect.any(String) }] })
    expect(await alone(open, passkey, { counter: 8 })).toBe('wrong-second-factor')
    await expect(open.factors.demand('acc_1', 'sign-in')).rejects.toMatchObject({ members: { factors: ['recovery-code'] } })
    const { read } = open.store.database
    expect(await read.selectFrom('security_event').select(['severity', 'account_id']).where('type', '=', 'passkey-cloned').execute()).toEqual([{ severity: 'high', account_id: 'acc_1' }])
    expect(await read.selectFrom('audit_entry').select('outcome').where('action', '=', 'passkey-suspended').execute()).toEqual([{ outcome: 'refused' }])
    expect(open.told).toEqual(['acc_1', 'acc_1'])
  })

  test('without a counter is never taken for a copy, and one that had a counter is when it comes without', async () => {
    await using open = await openTestFactors(dialect)
    const { passkey } = await open.enrolPasskey(await open.addAccount('acc_1'))
    for (let time = 0; time < 3; time += 1) expect(await alone(open, passkey, { counter: 0 })).toBe('ok')
    expect(await alone(open, passkey, { counter: 1 })).toBe('ok')
    expect(await alone(open, passkey, { counter: 0 })).toBe('wrong-second-factor')
    expect(await alone(open, passkey, { counter: 2 })).toBe('wrong-second-factor')
  })

  test('that somebody else has cannot be taken over, and its key cannot be moved to another row', async () => {
    await using open = await openTestFactors(dialect)
    const [caller, thief] = [await open.addAccount('acc_1'), await open.addAccount('acc_2')]
    const { passkey, factorId } = await open.enrolPasskey(caller)
    const theirs = await open.enrolPasskey(thief)
    const { read } = open.store.database
    const row = await read.selectFrom('factor').select('secret_sealed').where('id', '=', theirs.factorId).executeTakeFirstOrThrow()
    await open.store.database.write([{ query: read.updateTable('factor').set(row).where('id', '=', factorId).compile() }])
    await expect(alone(open, passkey)).rejects.toMatchObject({ name: 'SealBroken' })
  })

  test('belongs to the host that it was made for', async () => {
    await using open = await openTestFactors(dialect)
    const { passkey } = await open.enrolPasskey(await open.addAccount('acc_1'))
    expect(await alone(open, passkey, { origin: 'https://chat.example.org', domain: 'chat.example.org', host: 'chat.example.org' })).toBe('wrong-second-factor')
    expect(await outcomeOf(open.factors.passkeyOptions(nobody, { host: '192.0.2.1:8080' }))).toBe('conflict')
    expect(await outcomeOf(open.factors.passkeyOptions(nobody, { host: '[::1]:8080' }))).toBe('conflict')
    expect(await alone(open, passkey)).toBe('ok')
  })
})
