import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, describe } from 'vitest'
import { connectConfigured } from '../../kernel/egress-socket.ts'
import { Secret } from '../../kernel/secret.ts'
import { startMailServer, type MailServer, type MailServerOptions } from '../../testing/mail-server.ts'
import { mailerSuite, type MailerRig } from '../../testing/mailer.suite.ts'
import { folderMailer } from './folder/index.ts'
import { mailers } from './index.ts'
import { smtpMailer } from './smtp/index.ts'

const PATIENCE_MILLISECONDS = 700
const CREDENTIAL = 'the-credential-of-the-mail-server'
const mail = { to: 'ann@example.org', subject: 'Hello', text: 'Hello\n' }
let ids = 0
const newId = () => { ids += 1; return `mail-${ids}` }

interface SmtpRig extends MailerRig { readonly server: MailServer }
interface SmtpOptions extends MailServerOptions { readonly trusts?: boolean; readonly signsIn?: boolean; readonly allowPrivateAddress?: boolean; readonly asks?: 'tls' | 'starttls' | 'none' }

async function openSmtp({ trusts = true, signsIn = false, allowPrivateAddress = true, asks, ...options }: SmtpOptions): Promise<SmtpRig> {
  const server = await startMailServer(options)
  const mailer = smtpMailer.create(
    { host: 'localhost', port: server.port, from: 'server@example.org', security: asks ?? options.security, ...(trusts && { authority: server.certificate }), ...(signsIn && { account: 'sallyport', credential: new Secret(CREDENTIAL) }) },
    { newId, now: () => Date.now(), connect: (signal) => connectConfigured({ host: 'localhost', port: server.port, allowPrivateAddress, connectSeconds: 5, signal, resolveName: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) }) },
  )
  return { mailer, server, delivered: () => Promise.resolve(server.got.map(({ raw }) => raw)), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

async function openFolder(): Promise<MailerRig & { readonly directory: string }> {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-mail-'))
  const directory = join(home, 'out')
  return {
    directory,
    mailer: folderMailer.create({ directory, from: 'server@example.org' }, { newId, now: () => Date.now(), connect: () => Promise.reject(new Error('A folder needs no connection.')) }),
    delivered: async () => {
      const names = await readdir(directory).catch(() => [])
      return Promise.all(names.filter((name) => name.endsWith('.eml')).map((name) => readFile(join(directory, name), 'utf8')))
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  }
}

const rigs: Readonly<Record<string, readonly (readonly [string, () => Promise<MailerRig>])[]>> = {
  smtp: [['smtp with TLS', () => openSmtp({ security: 'tls' })], ['smtp with STARTTLS', () => openSmtp({ security: 'starttls', signsIn: true })], ['smtp on this machine', () => openSmtp({ security: 'none' })]],
  folder: [['folder', openFolder]],
}
// Every registered mailer must stand in the suite.
test('every mailer meets the suite', () => { expect(mailers.map(({ id }) => id).toSorted()).toEqual(Object.keys(rigs).toSorted()) })
for (const [name, open] of Object.values(rigs).flat()) mailerSuite(name, open)

const patience = () => AbortSignal.timeout(PATIENCE_MILLISECONDS)

describe('smtp on bad days', () => {
  test.each([
    { day: 'refuses-recipient', outcome: 'refused' }, { day: 'busy', outcome: 'unavailable' }, { day: 'drops-at-data', outcome: 'unavailable' }, { day: 'refuses-sign-in', outcome: 'unavailable' }, { day: 'lies', outcome: 'unavailable' },
  ] as const)('$day: the mail is $outcome, and the cause holds neither address nor credential', async ({ day, outcome }) => {
    await using rig = await openSmtp({ security: 'tls', day, signsIn: true })
    const answer = await rig.mailer.send(mail, AbortSignal.timeout(10_000))
    expect(answer.outcome).toBe(outcome)
    const told = 'cause' in answer && answer.cause instanceof Error ? `${answer.cause.message} ${String(answer.cause.stack)}` : ''
    expect(told).not.toContain('ann@')
    expect(told).not.toContain(CREDENTIAL)
    expect(told).toContain('The mail server')
  })

  test.each(['silent', 'silent-at-data'] as const)('%s: it is left when patience ends', async (day) => {
    await using rig = await openSmtp({ security: 'tls', day })
    await expect(rig.mailer.send(mail, patience())).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await rig.delivered()).toEqual([])
  })

  test('a server that is not there is unavailable', async () => {
    const rig = await openSmtp({ security: 'tls' })
    await rig[Symbol.asyncDispose]()
    expect((await rig.mailer.send(mail, patience())).outcome).toBe('unavailable')
  })
})

describe('what smtp does not do', () => {
  test('speak to a server whose certificate is not trusted', async () => {
    await using rig = await openSmtp({ security: 'tls', trusts: false, signsIn: true })
    expect((await rig.mailer.send(mail, patience())).outcome).toBe('unavailable')
    expect(rig.server.got).toEqual([])
  })
  test('speak to a server whose certificate has another name', async () => {
    await using rig = await openSmtp({ security: 'tls', certificateName: 'mail.example.net' })
    expect((await rig.mailer.send(mail, patience())).outcome).toBe('unavailable')
    expect(rig.server.got).toEqual([])
  })
  test('go on unencrypted where encryption was taken away on the way', async () => {
    await using rig = await openSmtp({ security: 'starttls', day: 'no-starttls', signsIn: true })
    expect((await rig.mailer.send(mail, patience())).outcome).toBe('unavailable')
    expect(rig.server.got).toEqual([])
  })
  test('reach an address of this machine that nobody listed', async () => {
    await using rig = await openSmtp({ security: 'tls', allowPrivateAddress: false })
    expect(await rig.mailer.send(mail, patience())).toMatchObject({ outcome: 'unavailable' })
    expect(rig.server.got).toEqual([])
  })
  test('sign in before the connection is encrypted, and it does sign in after', async () => {
    await using rig = await openSmtp({ security: 'starttls', signsIn: true })
    expect((await rig.mailer.send(mail, patience())).outcome).toBe('accepted')
    expect(rig.server.got).toMatchObject([{ from: 'server@example.org', to: ['ann@example.org'], isEncrypted: true, account: 'sallyport' }])
  })
})

describe('the folder', () => {
  test('is its owner\'s alone, and holds whole files', async () => {
    await using rig = await openFolder()
    await rig.mailer.send(mail, patience())
    const [name = ''] = await readdir(rig.directory)
    expect((await stat(rig.directory)).mode & 0o777).toBe(0o700)
    expect((await stat(join(rig.directory, name))).mode & 0o777).toBe(0o600)
  })
  test('says unavailable where it cannot be', async () => {
    await using rig = await openFolder()
    await writeFile(rig.directory, 'a file')
    await chmod(rig.directory, 0o600)
    expect((await rig.mailer.send(mail, patience())).outcome).toBe('unavailable')
  })
})
