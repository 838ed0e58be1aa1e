import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupState } from '@sallyport/contract'
import { sql } from 'kysely'
import { loadConfig, type Config } from '../../src/config/load.ts'
import type { Database } from '../../src/database/database.ts'
import { newIdentity } from '../../src/domains/backups/index.ts'
import type { Secret } from '../../src/kernel/secret.ts'
import { openTestServer, type Person, type TestServer, type TestServerOptions } from '../../src/testing/server.ts'

/** Text that stands nowhere but in what people write. */
export const PLANTED = 'zanzibar-marmalade-telegraph'
/** A secret that a provider would take. */
export const CREDENTIAL = 'planted-credential-of-a-provider'
export const MODEL = 'sallyport/library'

export interface BackedUp extends AsyncDisposable {
  readonly server: TestServer
  /** With a session that holds; another one after a restore. */
  owner: Person
  readonly identity: Secret
  /** The file that holds it, as age-keygen writes it. */
  readonly identityFile: string
  readonly folder: string
  readonly config: Config
  /** Makes a backup through the API, waits until it has ended, and gives its name. */
  backUp(): Promise<string>
}

/** A server with an owner, a conversation and a document, and somebody for whom backups are made. */
export async function openBackedUp(options: TestServerOptions = {}): Promise<BackedUp> {
  const server = await openTestServer({ withHandbook: true, ...options })
  const owner = await server.setUpOwner()
  const { identity, recipient } = await newIdentity(false)
  const conversation = await owner.newConversation()
  await owner.call('PATCH', `/api/v1/conversations/${conversation}`, { title: `${PLANTED} title` })
  await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `${PLANTED} question?`, model: MODEL })
  await owner.call('POST', '/api/v1/documents', { title: `${PLANTED} paper`, text: `Of ${PLANTED} and bees.`, mediaType: 'text/plain', collection: 'mine' })
  await owner.call('PUT', '/api/v1/providers/planted', { adapter: 'openai-compatible', baseUrl: 'http://127.0.0.1:9', credential: CREDENTIAL, allowPrivateAddress: true, models: ['model-a'] })
  await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [recipient] })
  const identityFile = join(server.configDirectory, 'identity.txt')
  await writeFile(identityFile, `# public key: ${recipient}\n${identity.reveal()}\n`, { mode: 0o600 })
  const made: BackedUp = {
    server, owner, identity, identityFile, folder: `${server.dataDirectory}-backups`, config: configOf(server),
    async backUp() {
      const begun = await made.owner.call('POST', '/api/v1/backups')
      if (begun.status !== 200) throw new Error(`The backup did not begin: ${begun.text}`)
      await server.sallyport.domains.backups.settled()
      const { last } = BackupState.parse((await made.owner.call('GET', '/api/v1/backups')).json)
      if (last?.outcome !== 'made') throw new Error(`The backup failed: ${last?.problem} ${JSON.stringify(server.logs)}`)
      return last.name
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return made
}

export const configOf = (server: TestServer, further: Readonly<Record<string, string>> = {}): Config =>
  loadConfig({}, { SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory, ...further })

/** One digest for every file under a directory but what is of the moment. */
export async function digestOf(directory: string): Promise<string> {
  const digest = createHash('sha256')
  for (const entry of (await readdir(directory, { recursive: true, withFileTypes: true })).toSorted((left, right) => (join(left.parentPath, left.name) < join(right.parentPath, right.name) ? -1 : 1))) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !path.startsWith(join(directory, 'run'))) digest.update(path).update(await readFile(path))
  }
  return digest.digest('hex')
}

type Rows = Readonly<Record<string, readonly string[]>>
/** Tables that a backup does not hold, or that a restore adds to. */
const leftOut = new Set([
  'own_answer', 'shared_answer', 'backup_check', 'broken_value',
  // Counted when a server stops, and by the engine.
  'secret_use', 'secret_use_purpose', 'account_storage',
  'day_name_key', 'session', 'setup_token', 'backup_run', 'audit_entry', 'owner_lock', 'password_guard', 'known_device', 'password_reset', 'email_change', 'invitation', 'sent_mail',
  'factor_guard', 'factor_challenge', 'federated_session', 'federated_challenge', 'used_once', 'token_family', 'refresh_token', 'signing_key', 'revocation', 'data_key_stage', 'data_key_next', 'key_rotation', 'data_export',
])

/** Every row of every table that a restore must bring back, in an order of its own. */
export async function rowsOf({ sallyport: { database } }: { readonly sallyport: { readonly database: Database } }): Promise<Rows> {
  const tables = (await database.read.introspection.getTables()).map(({ name }) => name).filter((name) => !leftOut.has(name) && !/^(?:passage_word|message_word|message_index)/.test(name))
  return Object.fromEntries(await Promise.all(tables.map(async (name): Promise<[string, string[]]> => {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.read)
    return [name, rows.map((row) => JSON.stringify(row, (_, value: unknown) => (isStoredBuffer(value) ? Buffer.from(value.data).toString('latin1') : value))).toSorted()]
  })))
}
/** What `JSON.stringify` makes of a buffer before a replacer sees it. */
const isStoredBuffer = (value: unknown): value is { readonly data: readonly number[] } => typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
