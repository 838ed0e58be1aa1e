import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupState, Conversation, NewInvitation, NewKey, TotpEnrolment } from '@sallyport/contract'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { newIdentity } from '../../src/domains/backups/index.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { startVendorServer } from '../../src/testing/vendor-server.ts'
import { closing } from '../faults/lib/places.ts'
import type { Patch } from '../faults/lib/patches.ts'
import { until } from '../faults/lib/process.ts'
import { startRig, type Rig } from '../faults/lib/rig.ts'
import { call, must } from '../faults/lib/wire.ts'

/** Words that occur nowhere else, one for each place that takes somebody's text or secret. */
const planted = {
  question: 'quagmire-planted-question', answer: 'answerable-planted-reply', title: 'titular-planted-heading', comment: 'remarkable-planted-comment', mistaken: 'erroneous-planted-mistake',
  documentTitle: 'documentary-planted-name', document: 'passage-planted-substance', clientSecret: 'federated-planted-client-secret', invited: 'planted.invitee@example.org',
  changed: 'planted.person@example.net', reason: 'glass-breaking-planted-reason', credential: 'sk-faults-credential',
  keyName: 'keyring-planted-label', factorName: 'authentic-planted-device', groupName: 'collective-planted-team', person: 'Personable-Planted-Name', password: 'correct horse battery staple 7',
}
/** An identity provider's label is a setting, and settings are not sealed. */
const CLEAR = 'ClearlyVisibleName'
/** SQLite's pages in clear, so that what is found there is hidden by sealing alone. */
const openPages: readonly Patch[] = [{ file: 'database/sqlite/connect.ts', from: 'if (file.pageKey !== null) {', to: 'if (file.pageKey === null && readonly) {' }]
/** A server that only pretends to seal. It must be found out. */
const sealsNothing: readonly Patch[] = [
  { file: 'kernel/seal.ts', from: `cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()`, to: `Buffer.from(text), cipher.final(), cipher.getAuthTag()` },
  { file: 'kernel/seal.ts', from: `decipher.update(bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')`, to: `decipher === null ? '' : bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES).toString('utf8')` },
]

/** Texts hide in UTF-8, UTF-16, base64, hexadecimal and pieces alike. */
const isIn = (bytes: Buffer, text: string) =>
  [text, Buffer.from(text, 'utf16le'), text.slice(3, 15), Buffer.from(text).toString('base64').slice(0, 14), Buffer.from(text).toString('base64url').slice(0, 14), Buffer.from(text).toString('hex')].some((form) => bytes.includes(form))

async function bytesUnder(directory: string, leaveOut: RegExp): Promise<Buffer> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && !leaveOut.test(join(entry.parentPath, entry.name)))
  return Buffer.concat(await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name)))))
}

/** Puts something into every kind of row, and gives the secrets that the server made. */
async function plant(rig: Rig): Promise<readonly string[]> {
  const local = rig.local()
  const conversation = Conversation.parse(await must(local, 'POST /api/v1/conversations', { title: planted.title })).id
  const turn = z.object({ answer: z.object({ id: z.string(), text: z.string() }) }).parse(await must(local, `POST /api/v1/conversations/${conversation}/turns`, { text: planted.question, model: 'vendor/model-a' }))
  expect(turn.answer.text).toContain(planted.answer)
  await must(local, `PUT /api/v1/messages/${turn.answer.id}/feedback`, { rating: 'down', comment: planted.comment })
  await must(local, 'POST /api/v1/documents', { title: planted.documentTitle, text: `The ${planted.document} lies here. Ask ${planted.question}.`, mediaType: 'text/plain', collection: 'mine' })
  const key = NewKey.parse(await must(local, 'POST /api/v1/keys', { name: planted.keyName }))
  const factor = TotpEnrolment.parse(await must(local, 'POST /api/v1/factors/totp', { name: planted.factorName }))
  await must(local, 'POST /api/v1/groups', { name: planted.groupName, role: null })
  const invitation = NewInvitation.parse(await must(local, 'POST /api/v1/invitations', { email: planted.invited }))
  await must(local, 'PUT /api/v1/identity-providers/planted', {
    label: CLEAR, clientId: 'planted', clientSecret: planted.clientSecret,
    protocol: { kind: 'oauth2', authorizationEndpoint: 'https://planted.example/authorize', tokenEndpoint: 'https://planted.example/token', userInfoEndpoint: 'https://planted.example/account', claims: { subject: 'id' } },
  })
  const token = invitation.link.split('#').at(-1) ?? ''
  await must(local, 'POST /api/v1/invitations/accept', { token, name: planted.person, password: 'seven other purple elephants' })
  const accounts = z.object({ items: z.array(z.object({ id: z.string(), email: z.string() })) }).parse(await must(local, 'GET /api/v1/accounts')).items
  const id = accounts.find(({ email }) => email === planted.invited)?.id ?? ''
  await must(local, `POST /api/v1/accounts/${id}/conversation-access`, { reason: planted.reason, minutes: 5 })
  await must(local, 'PUT /api/v1/account/email', { email: planted.changed })
  const session = await call(rig.local(), 'POST /api/v1/session', { body: { email: planted.changed, password: planted.password } })
  expect(session.status).toBeLessThan(300)
  // What is refused must not end up in a log either.
  for (const line of ['POST /api/v1/conversations', 'POST /api/v1/session', 'PUT /api/v1/providers/vendor', `POST /api/v1/conversations/${conversation}/turns`, `GET /api/v1/conversations/${planted.mistaken}`]) {
    const refused = await call(local, line, line.startsWith('GET') ? {} : { body: { [planted.mistaken]: planted.question, title: 7, email: planted.changed, password: planted.mistaken, text: 7 } })
    expect(refused.status).toBeGreaterThanOrEqual(400)
  }
  await call(rig.remote(), `POST /api/v1/conversations/${conversation}/turns`, { body: { text: planted.question, model: `nobody/${planted.mistaken}` } })
  const { recipient } = await newIdentity(false)
  await must(local, 'PUT /api/v1/backup-recipients', { recipients: [recipient] })
  await must(local, 'POST /api/v1/backups')
  await until('the backup was made', async () => BackupState.parse(await must(local, 'GET /api/v1/backups')).last?.outcome === 'made')
  await must(local, 'POST /api/v1/account/export')
  await until('the export was ready', async () => z.object({ last: z.object({ state: z.string() }).nullable() }).parse(await must(local, 'GET /api/v1/account/export')).last?.state === 'ready')
  return [key.value, factor.secret, token]
}

/** Where each planted text was found. `rows` reads a store that is no file. */
async function search(rig: Rig, secrets: readonly string[], rows: () => Promise<Buffer>): Promise<readonly string[]> {
  const places: Readonly<Record<string, Buffer>> = {
    running: await bytesUnder(rig.directory, /sallyport\.key$/), rows: await rows(), log: Buffer.from(rig.server().output()),
    ...await rig.server().kill().then(async () => ({ killed: await bytesUnder(rig.directory, /sallyport\.key$/) })),
  }
  return Object.entries(places).flatMap(([place, bytes]) => [...Object.values(planted), ...secrets].filter((text) => isIn(bytes, text)).map((text) => `${text} in ${place}`))
}

const FLAGS = { 'log.level': 'debug' }
const vendorOf = () => startVendorServer('openai-compatible', { script: { text: ['The ', planted.answer, '.'] }, credential: planted.credential })

describe('a canary in every kind of row', () => {
  test('is found in no file of SQLite with open pages, no backup, no export and no log', { timeout: 120_000 }, async () => {
    await using vendor = closing(await vendorOf())
    await using rig = await startRig({ vendors: { vendor }, patches: openPages, flags: FLAGS })
    const secrets = await plant(rig)
    const bytes = await bytesUnder(rig.directory, /sallyport\.key$/)
    expect(isIn(bytes, CLEAR), 'the pages are open, and the search finds').toBe(true)
    expect(await search(rig, secrets, () => Promise.resolve(Buffer.alloc(0)))).toEqual([])
  })

  test('is found where a server only pretends to seal', { timeout: 120_000 }, async () => {
    await using vendor = closing(await vendorOf())
    await using rig = await startRig({ vendors: { vendor }, patches: [...openPages, ...sealsNothing], flags: FLAGS })
    const secrets = await plant(rig)
    const found = await search(rig, secrets, () => Promise.resolve(Buffer.alloc(0)))
    for (const name of ['question', 'answer', 'title', 'comment', 'documentTitle', 'document', 'clientSecret', 'invited', 'changed', 'reason', 'credential', 'keyName', 'factorName', 'groupName', 'person'] as const) expect(found, name).toContain(`${planted[name]} in killed`)
  })
})

describeWith('postgres', 'a canary in every kind of row of PostgreSQL', () => {
  test('is found in no row, no backup, no export and no log', { timeout: 120_000 }, async () => {
    await using vendor = closing(await vendorOf())
    await using postgres = await createPostgresDatabase()
    await using rig = await startRig({ vendors: { vendor }, flags: { ...FLAGS, 'store.url': postgres.url } })
    const secrets = await plant(rig)
    const rows = async () => {
      const read = new Kysely<Record<string, Record<string, unknown>>>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: postgres.url, max: 1 }) }) })
      try {
        const parts: Buffer[] = []
        for (const { name } of await read.introspection.getTables()) {
          const found = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(read)
          for (const value of found.rows.flatMap((row) => Object.values(row))) parts.push(value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)), Buffer.from('\n'))
        }
        return Buffer.concat(parts)
      } finally {
        await read.destroy()
      }
    }
    expect(isIn(await rows(), CLEAR)).toBe(true)
    expect(await search(rig, secrets, rows)).toEqual([])
  })
})
