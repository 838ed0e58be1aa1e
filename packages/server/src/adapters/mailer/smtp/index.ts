import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'
import type { MailAnswer, MailerDescriptor } from '../../../ports/mailer.ts'
import { mailRefusal } from '../shared/plain-mail.ts'

const config = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  from: z.email(),
  /** TLS from the first byte, or raised before anything is said; none where whoever composes has seen that it stays on this machine. */
  security: z.enum(['tls', 'starttls', 'none']),
  account: z.string().min(1).optional(),
  credential: z.instanceof(Secret).optional(),
  /** PEM. Trusted in place of the usual authorities. */
  authority: z.string().optional(),
})
type Config = z.output<typeof config>

/** Between two bytes of the mail server. */
const IDLE_MILLISECONDS = 15_000
/** A reply of class 5 is for good (RFC 5321, section 4.2.1). */
const PERMANENT = 500

/** Any mail server that speaks SMTP (RFC 5321): TLS with a verified certificate before the credential and the mail (RFC 8314). */
export const smtpMailer: MailerDescriptor<Config> = {
  id: 'smtp',
  title: 'Mail server (SMTP)',
  remote: true,
  config,
  create: ({ host, port, from, security, account, credential, authority }, { connect, newId, now }) => ({
    async send(mail, signal): Promise<MailAnswer> {
      signal.throwIfAborted()
      const cause = mailRefusal(mail)
      if (cause !== null) return { outcome: 'refused', cause }
      // Loaded when the first mail goes out: a server that sends none does without it.
      const { createTransport } = await import('nodemailer')
      let close: () => void = () => undefined
      const leave = () => { close() }
      try {
        const connection = await connect(signal)
        close = () => { connection.destroy() }
        signal.addEventListener('abort', leave, { once: true })
        const transport = createTransport({
          host, port, connection, secure: security === 'tls', requireTLS: security === 'starttls', ignoreTLS: security === 'none',
          tls: { servername: host, rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(authority !== undefined && { ca: authority }) },
          ...(account !== undefined && credential !== undefined && { auth: { user: account, pass: credential.reveal() } }),
          greetingTimeout: IDLE_MILLISECONDS, socketTimeout: IDLE_MILLISECONDS, dnsTimeout: IDLE_MILLISECONDS,
          disableFileAccess: true, disableUrlAccess: true, logger: false,
        })
        await transport.sendMail({
          from, to: mail.to, envelope: { from, to: [mail.to] }, subject: mail.subject, text: mail.text, date: new Date(now()), messageId: `<${newId()}@${from.slice(from.indexOf('@') + 1)}>`,
          textEncoding: 'quoted-printable', headers: { 'Auto-Submitted': 'auto-generated' }, xMailer: false,
        })
        return { outcome: 'accepted' }
      } catch (error) {
        signal.throwIfAborted()
        return { outcome: isPermanent(error) ? 'refused' : 'unavailable', cause: describe(error) }
      } finally {
        signal.removeEventListener('abort', leave)
        close()
      }
    },
  }),
}

const numberIn = (error: unknown) => (error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : 0)
/** Only what the server says of this mail is for good. A refused greeting, TLS or sign-in is mended elsewhere, and the mail may go then. */
const isPermanent = (error: unknown) => numberIn(error) >= PERMANENT && error instanceof Error && 'code' in error && (error.code === 'EENVELOPE' || error.code === 'EMESSAGE')

/** What a server writes into its replies may repeat the address: only the number and the kind are kept. */
function describe(error: unknown): Error {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : error instanceof Error ? error.name : 'unknown'
  return new Error(`The mail server: ${/^[A-Za-z_]{1,40}$/.test(code) ? code : 'failure'} ${numberIn(error)}`)
}
