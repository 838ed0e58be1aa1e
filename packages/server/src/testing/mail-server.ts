import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { makeCertificate } from './certificate.ts'

export interface GotMail { readonly from: string; readonly to: readonly string[]; readonly raw: string; readonly isEncrypted: boolean; readonly account: string | null }

/** How a mail server can behave on a bad day. */
export type MailDay = 'good' | 'refuses-recipient' | 'busy' | 'refuses-sign-in' | 'drops-at-data' | 'silent' | 'silent-at-data' | 'no-starttls' | 'lies'
export interface MailServerOptions { readonly security: 'tls' | 'starttls' | 'none'; readonly day?: MailDay; readonly certificateName?: string }

export interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly got: readonly GotMail[]
  /** The certificate, to be trusted. */
  readonly certificate: string
}

const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code })

/** A real mail server in this process, on a free port of this machine; it keeps what it is sent. */
export async function startMailServer({ security, day = 'good', certificateName }: MailServerOptions): Promise<MailServer> {
  const { certificate, privateKey } = makeCertificate(certificateName)
  const got: GotMail[] = []
  const options: SMTPServerOptions = {
    secure: security === 'tls', cert: certificate, key: privateKey, authOptional: true, logger: false, disableReverseLookup: true, closeTimeout: 100,
    ...(security === 'tls' ? {} : { hideSTARTTLS: security === 'none' || day === 'no-starttls', disabledCommands: security === 'none' || day === 'no-starttls' ? ['STARTTLS'] : [] }),
    allowInsecureAuth: security === 'none',
    onConnect: (_session, done) => { if (day !== 'silent') done(day === 'lies' ? refusal(554, 'no\r\n250 yes') : null) },
    onAuth: ({ username }, _session, done) => { if (day === 'refuses-sign-in') done(refusal(535, 'not you')); else done(null, { user: username }) },
    onRcptTo: ({ address }, _session, done) => { done(day === 'refuses-recipient' ? refusal(550, `no such mailbox ${address}`) : day === 'busy' ? refusal(451, 'later, please') : null) },
    onData: (stream, session, done) => {
      if (day === 'silent-at-data') { stream.resume(); return }
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => { chunks.push(chunk) })
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        got.push({
          from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString('utf8'), isEncrypted: session.secure,
          account: typeof session.user === 'string' ? session.user : null,
        })
        if (day === 'drops-at-data') { server.close(); for (const connection of server.connections) connection.close(); return }
        done()
      })
    },
  }
  const server = new SMTPServer(options)
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.server.address() as AddressInfo
  return { port, got, certificate, [Symbol.asyncDispose]: () => new Promise((resolve) => { server.close(resolve) }) }
}
