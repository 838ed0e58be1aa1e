import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { EmergencyPlan, EmergencyReport } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { composeEmergency } from '../../src/compose/emergency.ts'
import { loadConfig } from '../../src/config/load.ts'
import { newIdentity } from '../../src/domains/backups/index.ts'
import { leftToPeople } from '../../src/policy/emergency.ts'
import { HONEST } from '../../src/testing/hook-vendor.ts'
import { openHookedServer } from '../../src/testing/hooked-server.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// What an emergency leaves to people is done by somebody in a hurry, word for word.

const main = join(import.meta.dirname, '../../../cli/src/main.ts')
/** The words of each command that a text names, up to its first value or option. */
const commandsIn = (text: string): readonly string[] => [...text.matchAll(/npm run sallyport --((?: [a-z][a-z-]*)+)/g)].map(([, words = '']) => words.trim())
const usageOf = (words: string) => spawnSync(process.execPath, [main, ...words.split(' '), '--help'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? ''
const planOf = ({ sallyport, clock }: TestServer, environment: Readonly<Record<string, string>>) => composeEmergency({ ...sallyport.domains, database: sallyport.database, clock, config: loadConfig({}, environment) }).plan()

test('every command that it names is there', () => {
  const named = [...new Set(Object.values(leftToPeople).flatMap(commandsIn))]
  expect(named.length).toBeGreaterThan(4)
  for (const words of named) expect(usageOf(words), words).toMatch(new RegExp(`^Usage: sallyport ${words}( |$)`))
  // The control: of a command that is not there, the usage is another's.
  expect(usageOf('backup nothing-of-the-kind')).not.toContain('nothing-of-the-kind')
}, 120_000)

test('what opens the store is not among the secrets to replace in the configuration, for that would lock it', async () => {
  await using server = await openTestServer()
  await server.setUpOwner()
  const mail = { SALLYPORT_MAIL_CREDENTIAL: 'env:MAIL', MAIL: 'of the mail server' }
  for (const [setting, environment] of Object.entries({
    'vault.passphrase': { SALLYPORT_VAULT_KIND: 'passphrase', SALLYPORT_VAULT_PASSPHRASE: 'env:PHRASE', PHRASE: 'six words that nobody else knows' },
    'vault.key': { SALLYPORT_VAULT_KIND: 'given-key', SALLYPORT_VAULT_KEY: 'env:KEY', KEY: 'ab'.repeat(32) },
  })) {
    const { left } = await planOf(server, { ...environment, ...mail })
    const naming = left.filter(({ names }) => names.includes(setting))
    expect(naming, setting).toHaveLength(1)
    expect(naming[0]?.what).toBe(leftToPeople['key-encryption-key'])
    expect(naming[0]?.what).toContain('secrets rewrap --to FILE')
    // The control: other secrets of the configuration are named as ever.
    expect(left.find(({ what }) => what === leftToPeople['configured-secrets'])?.names).toContain('mail.credential')
  }
}, 120_000)

test('a provider whose keys a program makes is named with the command that has it make one, and apart from those where people do', async () => {
  await using hooked = await openHookedServer(HONEST)
  const { server, owner, states } = hooked
  const named = async () => {
    const { left } = await planOf(server, {})
    return [leftToPeople['provider-hooks'], leftToPeople['provider-keys']].map((text) => left.find(({ what }) => what === text)?.names ?? [])
  }
  expect(await named()).toEqual([['vendor'], []])
  await server.addVendor(owner, 'openai')
  expect(await named()).toEqual([['vendor'], ['openai']])
  const report = EmergencyReport.parse((await owner.call('POST', '/api/v1/emergency', { passwords: 'keep' })).json)
  expect(report.left.find(({ what }) => what === leftToPeople['provider-hooks'])?.names).toEqual(['vendor'])
  // What it says can be done, and does it.
  hooked.owner = await server.renew(owner)
  expect((await hooked.owner.call('POST', '/api/v1/providers/vendor/credentials/rotate')).status).toBeLessThan(300)
  expect(await states()).toEqual(['2 active', '1 retiring'])
  // The control: without a program, people are told to make the key.
  await server.restart({ SECRETS_ROTATION_HOOKS: '{}' })
  expect(await named()).toEqual([[], ['openai', 'vendor']])
}, 120_000)

test('nobody is told to move the store by a command that moves it itself', async () => {
  await using server = await openTestServer()
  await server.setUpOwner()
  await server.sallyport.close()
  const left = (...options: readonly string[]) => EmergencyPlan.parse(JSON.parse(spawnSync(process.execPath, [main, 'emergency', '--plan', '--json', ...options], { encoding: 'utf8', env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory } }).stdout)).left.map(({ code }) => code)
  const usual = left()
  expect(usual).toContain('key-encryption-key')
  expect(left('--next-vault', 'next.json')).toEqual(usual.filter((code) => code !== 'key-encryption-key'))
}, 120_000)

describeEachEngine('what the emergency tells of backups', (dialect) => {
  test('recipients of backups are named with who set them and when, so that one whom an intruder added is seen, and setting them anew leaves it out', async () => {
    await using postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    const settings: Readonly<Record<string, string>> = postgres === null ? {} : { STORE_URL: postgres.url }
    await using server = await openTestServer({ settings })
    const owner = await server.setUpOwner()
    const intruder = await server.addAccount('intruder', 'administrator')
    const [own, added, configured] = [await newIdentity(false), await newIdentity(false), await newIdentity(false)].map(({ recipient }) => recipient)
    const set = async (person: Person, recipients: readonly unknown[]) => { expect((await person.call('PUT', '/api/v1/backup-recipients', { recipients })).status).toBe(200) }
    const named = async () => (await planOf(server, { SALLYPORT_BACKUP_RECIPIENTS: configured ?? '' })).left.find(({ what }) => what === leftToPeople.backups)?.names
    expect(await named()).toEqual([`${configured} (named by the configuration)`])
    await set(owner, [own])
    server.clock.advance(60_000)
    await set(await server.renew(intruder), [own, added])
    const rows = await server.sallyport.database.read.selectFrom('backup_recipient').selectAll().execute()
    const setAt = (recipient: string | undefined) => rows.find((row) => row.recipient === recipient)?.created_at ?? 0
    expect(setAt(added) - setAt(own)).toBeGreaterThanOrEqual(60_000)
    const describe = (recipient: string | undefined, by: Person) => `${recipient} (set ${new Date(setAt(recipient)).toISOString()} by ${by.account.id})`
    expect(new Set(await named())).toEqual(new Set([`${configured} (named by the configuration)`, describe(own, owner), describe(added, intruder)]))
    const fresh = await server.renew(owner)
    const report = EmergencyReport.parse((await fresh.call('POST', '/api/v1/emergency', { passwords: 'keep' })).json)
    expect(report.left.find(({ what }) => what === leftToPeople.backups)?.names).toHaveLength(2)

    await server.sallyport.close()
    const command = (...words: readonly string[]) => spawnSync(process.execPath, [main, 'backup', ...words, '--json'], { encoding: 'utf8', env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory, ...(postgres !== null && { SALLYPORT_STORE_URL: postgres.url }) } }).stdout
    expect(JSON.parse(command('recipients'))).toEqual({ recipients: [own, added].toSorted() })
    command('init', '--recipient', own ?? '')
    expect(JSON.parse(command('recipients'))).toEqual({ recipients: [own] })
  }, 120_000)
})
