import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { syncPath } from '../../../kernel/sync-path.ts'
import type { MailAnswer, MailerDescriptor } from '../../../ports/mailer.ts'
import { mailRefusal } from '../shared/plain-mail.ts'

const config = z.strictObject({ directory: z.string().min(1), from: z.email() })
type Config = z.output<typeof config>

/** One `.eml` file for each mail, 0600, for another program to send or for a person to read (RFC 5322). */
export const folderMailer: MailerDescriptor<Config> = {
  id: 'folder',
  title: 'Folder of files',
  remote: false,
  config,
  create: ({ directory, from }, { newId, now }) => ({
    async send(mail, signal): Promise<MailAnswer> {
      signal.throwIfAborted()
      const refusal = mailRefusal(mail)
      if (refusal !== null) return { outcome: 'refused', cause: refusal }
      const id = newId()
      const [temporary, target] = [join(directory, `.${id}.part`), join(directory, `${id}.eml`)]
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 })
        const file = await open(temporary, 'wx', 0o600)
        try {
          await file.writeFile(toMessage({ ...mail, from, id, at: now() }))
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, target)
        await syncPath(directory)
        return { outcome: 'accepted' }
      } catch (cause) {
        await rm(temporary, { force: true }).catch(() => undefined)
        return { outcome: 'unavailable', cause: cause instanceof Error && 'code' in cause ? new Error(`The folder for mails: ${String(cause.code)}`) : cause }
      }
    },
  }),
}

interface Written { readonly to: string; readonly from: string; readonly subject: string; readonly text: string; readonly id: string; readonly at: number }

function toMessage({ to, from, subject, text, id, at }: Written): string {
  const body = Buffer.from(text, 'utf8').toString('base64').replaceAll(/.{76}/g, '$&\r\n')
  return [
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`, `From: ${from}`, `To: ${to}`, `Message-ID: <${id}@${from.slice(from.indexOf('@') + 1)}>`,
    `Subject: ${/^[\x20-\x7e]*$/.test(subject) ? subject : `=?utf-8?B?${Buffer.from(subject, 'utf8').toString('base64')}?=`}`,
    'Auto-Submitted: auto-generated', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64', '', body, '',
  ].join('\r\n')
}
