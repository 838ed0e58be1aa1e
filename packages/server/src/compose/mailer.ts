import { randomUUID } from 'node:crypto'
import { mailers } from '../adapters/mailer/index.ts'
import { ConfigProblem, type Config } from '../config/load.ts'
import type { Clock } from '../kernel/clock.ts'
import { namesPrivateHost } from '../kernel/egress-address.ts'
import { connectConfigured } from '../kernel/egress-socket.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import type { Mailer } from '../ports/mailer.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/

/** The configured way to send mail; null where none is. Throws `ConfigProblem`. */
export function composeMailer({ mail }: Pick<Config, 'mail'>, clock: Clock): Mailer | null {
  const { kind, host, port, from, security, account, credential, directory, allowPrivateAddress, unsafelyAllowPlainMail } = mail
  if (kind === 'none') return null
  const problems: string[] = []
  if (from === undefined) problems.push('mail.from: give the address that mails come from.')
  if (kind === 'smtp' && host === undefined) problems.push('mail.host: give the name of the mail server.')
  if (kind === 'folder' && directory === undefined) problems.push('mail.directory: give the folder for mails.')
  if (kind === 'smtp' && security === 'none' && !unsafelyAllowPlainMail && !LOOPBACK.test(host ?? '')) problems.push('mail.security: none is for a mail server on this machine. Use tls or starttls.')
  if ((account === undefined) !== (credential === null)) problems.push('mail.account: give it together with mail.credential, or neither.')
  const descriptor = mailers.find(({ id }) => id === kind)
  if (descriptor === undefined || problems.length > 0) throw new ConfigProblem(problems)
  const parsed = descriptor.config.safeParse(kind === 'folder' ? { directory, from } : { host, port, from, security, ...(account !== undefined && { account }), ...(credential !== null && { credential }) })
  if (!parsed.success) throw new ConfigProblem(parsed.error.issues.map(({ path, message }) => `mail.${path.join('.')}: ${message}`))
  const named = host ?? ''
  return descriptor.create(parsed.data, {
    newId: randomUUID, now: () => clock.now(),
    connect: (signal) => connectConfigured({
      host: named, port, signal, connectSeconds: defaultEgressRules.connectSeconds,
      allowPrivateAddress: allowPrivateAddress || (URL.canParse(`http://${named}`) && namesPrivateHost(new URL(`http://${named}`))),
    }),
  })
}
