import type { MailerDescriptor } from '../../ports/mailer.ts'
import { folderMailer } from './folder/index.ts'
import { smtpMailer } from './smtp/index.ts'

/** Every way to send mail. Add one: make a folder, add a line. */
export const mailers: readonly MailerDescriptor[] = [smtpMailer, folderMailer]
