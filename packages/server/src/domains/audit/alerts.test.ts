import { expect, test } from 'vitest'
import type { Log } from '../../kernel/log.ts'
import { alertMail, type AlertType } from '../../policy/alerts.ts'
import type { Mail, Mailer } from '../../ports/mailer.ts'
import { openAccounts, type AccountProcess, type OpenAccounts } from '../../testing/open-accounts.ts'
import { describeEachEngine } from '../../testing/server-database.ts'
import { createAlerts, createEvents, createEventStore, securityEventStep } from './index.ts'

const RETRY = alertMail.retrySeconds * 1_000
const HOUR = alertMail.everySeconds * 1_000
const DAY = alertMail.giveUpSeconds * 1_000

/** The alerts of one server over accounts' mail, with what it logged. */
function begin({ database, clock }: OpenAccounts, { accounts }: Pick<AccountProcess, 'accounts'>) {
  const lines: (readonly [event: string, fields: Readonly<Record<string, unknown>>])[] = []
  const log: Log = { info: () => undefined, warn: (fields, event) => { lines.push([event, fields]) }, error: () => undefined }
  const alerts = createAlerts({ database, store: createEventStore(database), clock, log, mail: accounts.mailAlert })
  return { alerts, lines, events: () => lines.map(([event]) => event), tell: async () => { await alerts.tell(); await accounts.settled() } }
}
const happen = ({ database, clock }: OpenAccounts, type: AlertType, accountId: string | null) => database.write([securityEventStep(database, { at: clock.now(), type, severity: 'high', accountId })])
const recipients = (mails: readonly Mail[]) => mails.map(({ to }) => to).toSorted()

describeEachEngine('alerts', (dialect) => {
  test('an event of high severity is logged once and mailed once to owner and administrator, with ids, a time and what to do; a lesser one is not', async () => {
    await using open = await openAccounts(dialect)
    await open.add('olive', 'owner')
    await open.add('adam', 'administrator')
    const ann = await open.add('ann', 'member')
    await open.add('otto', 'operator')
    const server = begin(open, open)
    await happen(open, 'refresh-token-reused', ann.id)
    await open.database.write([securityEventStep(open.database, { at: open.clock.now(), type: 'account-locked', severity: 'medium', accountId: ann.id })])
    for (let look = 0; look < 3; look += 1) await server.tell()
    expect(recipients(open.mails)).toEqual(['adam@example.org', 'olive@example.org'])
    const [event] = (await createEvents(createEventStore(open.database), { hide: (value) => value }).list({ limit: 5 })).items.filter(({ severity }) => severity === 'high')
    const text = open.mails[0]?.text ?? ''
    for (const part of [ann.id, event?.id, event?.at, 'choose a new password']) expect(text).toContain(part)
    expect(text).not.toContain('ann@')
    expect(server.lines).toEqual([['security-event', { type: 'refresh-token-reused', severity: 'high', eventId: event?.id, accountId: ann.id }]])
  })

  test('an event of medium severity that is to be told is logged and mailed as well', async () => {
    await using open = await openAccounts(dialect)
    await open.add('olive', 'owner')
    const server = begin(open, open)
    await open.database.write([securityEventStep(open.database, { at: open.clock.now(), type: 'provider-credential-old', severity: 'medium', accountId: null, isTold: true })])
    await server.tell()
    expect(open.mails.map(({ subject }) => subject)).toEqual(['Security alert of Sallyport: The key of a model provider is old'])
    expect(server.lines[0]?.[1]).toMatchObject({ type: 'provider-credential-old', severity: 'medium' })
  })

  test('of one kind and account one mail goes in an hour, whatever is tried, and every event is logged', async () => {
    await using open = await openAccounts(dialect)
    await open.add('olive', 'owner')
    const [ann, bob] = [await open.add('ann', 'member'), await open.add('bob', 'member')]
    const server = begin(open, open)
    const mailsOf = (id: string) => open.mails.filter(({ text }) => text.includes(id)).length
    for (let turn = 0; turn < 4; turn += 1) {
      await happen(open, 'refresh-token-reused', ann.id)
      await server.tell()
      open.clock.advance(HOUR / 4 - 1)
    }
    expect(mailsOf(ann.id)).toBe(1)
    expect(server.events()).toHaveLength(4)
    await happen(open, 'refresh-token-reused', bob.id)
    await happen(open, 'passkey-cloned', ann.id)
    for (let turn = 0; turn < 3; turn += 1) await happen(open, 'credential-stuffing', null)
    await server.tell()
    expect([mailsOf(ann.id), mailsOf(bob.id), mailsOf('none in particular')]).toEqual([2, 1, 1])
    open.clock.advance(HOUR)
    await happen(open, 'refresh-token-reused', ann.id)
    await server.tell()
    expect(mailsOf(ann.id)).toBe(3)
  })

  test('of processes that look at once, one tells of each event, and one mails', async () => {
    await using open = await openAccounts(dialect)
    await open.add('olive', 'owner')
    const processes = [open, open.another(), open.another()]
    const servers = processes.map((process) => begin(open, process))
    for (let turn = 0; turn < 20; turn += 1) await happen(open, 'refresh-token-reused', 'acc_1')
    await Promise.all(servers.map(({ tell }) => tell()))
    expect(processes.flatMap(({ mails }) => mails)).toHaveLength(1)
    expect(servers.flatMap(({ lines }) => lines)).toHaveLength(20)
  })

  test('a mail that a crash cut off is sent by the next look after its time, and logged no second time', async () => {
    await using open = await openAccounts(dialect)
    await open.add('olive', 'owner')
    await happen(open, 'refresh-token-reused', 'acc_1')
    const cut = begin(open, { accounts: { ...open.accounts, mailAlert: () => undefined } })
    await cut.tell()
    const next = begin(open, open.another())
    await next.tell()
    expect(cut.events()).toEqual(['security-event'])
    expect(open.mails).toEqual([])
    open.clock.advance(RETRY)
    const after = open.another()
    await begin(open, after).tell()
    expect(recipients(after.mails)).toEqual(['olive@example.org'])
    expect(next.events()).toEqual([])
  })

  test('while mail cannot be sent it is tried again, and given up after a day with a line in the log', async () => {
    let tries = 0
    const mailer: Mailer = { send: () => { tries += 1; return Promise.resolve({ outcome: 'refused', cause: new Error('no') }) } }
    await using open = await openAccounts(dialect, { mailer })
    await open.add('olive', 'owner')
    const server = begin(open, open)
    await happen(open, 'refresh-token-reused', 'acc_1')
    for (let turn = 0; turn < 3; turn += 1) { await server.tell(); await server.tell(); open.clock.advance(RETRY) }
    expect(tries).toBe(3)
    open.clock.advance(DAY)
    for (let turn = 0; turn < 2; turn += 1) { await server.tell(); open.clock.advance(RETRY) }
    expect(tries).toBe(3)
    expect(server.events()).toEqual(['security-event', 'alert-not-mailed'])
  })

  test('where no mail is sent the log tells, once', async () => {
    await using open = await openAccounts(dialect, { mail: false })
    await open.add('olive', 'owner')
    const server = begin(open, open)
    await happen(open, 'refresh-token-reused', null)
    for (let turn = 0; turn < 2; turn += 1) { await server.tell(); open.clock.advance(RETRY) }
    expect(server.events()).toEqual(['security-event'])
  })

  test('events are listed newest first, page by page', async () => {
    await using open = await openAccounts(dialect)
    for (let turn = 0; turn < 5; turn += 1) { await happen(open, 'refresh-token-reused', `acc_${turn}`); open.clock.advance(1) }
    const events = createEvents(createEventStore(open.database), { hide: (value) => value })
    const first = await events.list({ limit: 3 })
    expect(first.items.map(({ accountId }) => accountId)).toEqual(['acc_4', 'acc_3', 'acc_2'])
    expect(await events.list({ limit: 3, before: first.next ?? '' })).toMatchObject({ items: [{ accountId: 'acc_1' }, { accountId: 'acc_0' }], next: null })
  })
})
