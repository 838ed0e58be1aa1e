import { describe, expect, test } from 'vitest'
import type { Mailer } from '../ports/mailer.ts'

/** What an adapter's test gives: a mailer, and what came out of it. */
export interface MailerRig extends AsyncDisposable {
  readonly mailer: Mailer
  /** The mails that left, as they are on the wire or in the file. */
  delivered(): Promise<readonly string[]>
}

const never = () => new AbortController().signal
const mail = { to: 'ann@example.org', subject: 'A new password for Sallyport', text: 'Open this link:\n\nhttp://127.0.0.1:8080/reset#Abc_-123\n' }

/** The body of a mail, whatever its transfer encoding (RFC 2045, section 6). */
export function bodyOf(raw: string): string {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  if (/transfer-encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8')
  if (/transfer-encoding: quoted-printable/i.test(head)) return Buffer.from(body.replaceAll(/=\r\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString('utf8')
  return body
}
const headersOf = (raw: string) => (raw.split('\r\n\r\n')[0] ?? '').replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')

/** What every mailer promises. */
export function mailerSuite(name: string, open: () => Promise<MailerRig>): void {
  describe(`the mailer ${name}`, () => {
    test('a mail arrives once, in plain text, as it was written', async () => {
      await using rig = await open()
      expect(await rig.mailer.send(mail, never())).toEqual({ outcome: 'accepted' })
      const [raw = '', ...more] = await rig.delivered()
      expect(more).toEqual([])
      expect(bodyOf(raw).replaceAll('\r\n', '\n').trim()).toBe(mail.text.trim())
      const headers = headersOf(raw)
      for (const header of [/^From: server@example\.org$/, /^To: ann@example\.org$/, /^Subject: A new password for Sallyport$/, /^Auto-Submitted: auto-generated$/, /^Content-Type: text\/plain; charset=utf-8$/i, /^Message-ID: <[\w-]+@example\.org>$/, /^Date: \w{3}, \d{1,2} \w{3} \d{4} [\d:]{8} \+0000$/]) {
        expect(headers.filter((line) => header.test(line)), String(header)).toHaveLength(1)
      }
    })

    test('letters of every script arrive', async () => {
      await using rig = await open()
      const text = 'Grüße, 你好, שלום, 🔑\n'
      expect(await rig.mailer.send({ ...mail, subject: 'Grüße 你好', text }, never())).toEqual({ outcome: 'accepted' })
      const [raw = ''] = await rig.delivered()
      expect(bodyOf(raw).trim()).toBe(text.trim())
      expect(raw).toMatch(/^Subject: =\?utf-8\?/im)
    })

    test.each([
      { what: 'a second header in the address', to: 'ann@example.org\r\nBcc: eve@example.org' }, { what: 'a line feed alone', to: 'ann@example.org\nBcc: eve@example.org' },
      { what: 'a second recipient', to: 'ann@example.org, eve@example.org' }, { what: 'a name beside the address', to: 'Eve <eve@example.org>' }, { what: 'an SMTP command', to: 'ann@example.org>\r\nRCPT TO:<eve@example.org' },
      { what: 'no address', to: '' }, { what: 'a group', to: 'all: ann@example.org, eve@example.org;' }, { what: 'a quoted address', to: '"ann@example.org, eve"@example.org' },
    ])('$what is refused, and nothing leaves', async ({ to }) => {
      await using rig = await open()
      expect(await rig.mailer.send({ ...mail, to }, never())).toMatchObject({ outcome: 'refused' })
      expect(await rig.delivered()).toEqual([])
    })

    test('a subject of two lines is refused, and a line that ends a mail is only a line of it', async () => {
      await using rig = await open()
      expect(await rig.mailer.send({ ...mail, subject: 'Hello\r\nBcc: eve@example.org' }, never())).toMatchObject({ outcome: 'refused' })
      expect(await rig.mailer.send({ ...mail, text: 'before\r\n.\r\nMAIL FROM:<eve@example.org>\r\nafter\r\n' }, never())).toEqual({ outcome: 'accepted' })
      const delivered = await rig.delivered()
      expect(delivered).toHaveLength(1)
      expect(bodyOf(delivered[0] ?? '')).toMatch(/before\r?\n\.\.?\r?\nMAIL FROM:<eve@example\.org>\r?\nafter/)
    })

    test('who leaves before it begins gets the reason, and nothing leaves', async () => {
      await using rig = await open()
      const reason = new Error('left')
      await expect(rig.mailer.send(mail, AbortSignal.abort(reason))).rejects.toBe(reason)
      expect(await rig.delivered()).toEqual([])
    })

    test('several at once all arrive', async () => {
      await using rig = await open()
      const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => rig.mailer.send({ ...mail, to: `person${index}@example.org` }, never())))
      expect(answers.every(({ outcome }) => outcome === 'accepted')).toBe(true)
      expect(await rig.delivered()).toHaveLength(8)
    })
  })
}
