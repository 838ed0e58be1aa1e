import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import type { BackupState, FormerStore } from '@sallyport/contract'
import { BackupRefused, DataDirectoryProblem, extractConversation, listBackedUpConversations, newIdentity, parseIdentities, readConfig, rehearseRestore, restoreBackup, restoreConversation, VaultFailure, type Secret } from '@sallyport/server/ops'
import type { Command } from 'commander'
import { setTimeout as wait } from 'node:timers/promises'
import { Mistake } from '../connect.ts'
import { forTerminal, print, table } from '../print.ts'
import { readSecret } from '../read-secret.ts'
import { withClient, type Shared } from '../with-client.ts'

const LOOK_MILLISECONDS = 500
const ESCROW = 'A backup never holds the key-encryption key. Keep a copy of it elsewhere, apart from the backups:'

/** Backups: made by the server, opened here with an identity that the server never has. */
export function backup(program: Command): void {
  const group = program.command('backup').description('encrypted backups')
  group.command('init').description('say for whom backups are encrypted; without --recipient a new identity is made and shown this once')
    .option('--recipient <age1…>', 'a recipient whose identity you have; may be given again', (value: string, all: readonly string[] | undefined) => [...all ?? [], value])
    .option('--identity-file <path>', 'write the new identity to this file instead of showing it')
    .option('--post-quantum', 'a new identity that also withstands quantum computers; Debian 12\'s age does not know these yet').action(withClient(initialise))
  group.command('recipients').description('list for whom backups are encrypted').action(withClient(async ({ client, json }) => {
    const { recipients } = await client.call('listBackups')
    print(json, { recipients }, () => (recipients.length === 0 ? ['Nobody is named yet: npm run sallyport -- backup init'] : [...recipients, 'Set them anew, which leaves out all others: npm run sallyport -- backup init. Since when each is set, and by whom: npm run sallyport -- emergency --plan']))
  }))
  group.command('create').description('make one now').action(withClient(create))
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const state = await client.call('listBackups')
    print(json, state, () => linesOf(state))
  }))
  const former = group.command('former').description('stores that restores laid aside')
  former.command('list').description('list them, with what they hold and when the server removes them').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listFormerStores')
    print(json, items, () => (items.length === 0 ? ['No restore has laid a store aside.'] : table([['NAME', 'LAID ASIDE', 'REMOVED', 'HOLDS'], ...items.map((item) => [item.name, item.laidAsideAt, item.endsAt, heldIn(item)])])))
  }))
  former.command('remove').description('remove one with everything in it; it cannot be undone').argument('<name>').option('--yes', 'do it without a further question').action(withClient(removeFormer))
  offline(group.command('verify').description('check a stored backup; with --identity or --from by a full restore into a scratch place').argument('<name>')).action(verify)
  offline(group.command('restore').description('put a backup in the place of the store; the server must be stopped').argument('<name>'))
    .option('--conversation <id>', 'put back this one conversation alone, for whose it was, into the store that is there').action(restore)
  offline(group.command('extract').description('take one conversation out of a backup, into a folder of its own').argument('<name>'))
    .requiredOption('--conversation <id>', 'which').requiredOption('--to <folder>', 'an empty folder, or one that is not there yet').action(extract)
  offline(group.command('conversations').description('list what a backup holds of one account: ids, dates and numbers of messages').argument('<name>')).requiredOption('--account <id>', 'whose').action(conversations)
  offline(group.command('drill').description('rehearse the recovery in a scratch place, with the live store untouched').argument('[name]', 'the newest when left out')).action(drill)
}

const offline = (command: Command) => command
  .option('--identity <file>', 'the file with the identity; asked for when left out').option('--from <folder>', 'where the backups are, when not in the configured folder')

interface InitOptions { readonly recipient?: readonly string[]; readonly identityFile?: string; readonly postQuantum?: boolean }

async function initialise({ client, json }: Shared, { recipient: given = [], identityFile, postQuantum = false }: InitOptions): Promise<void> {
  if (identityFile !== undefined && existsSync(identityFile)) throw new Mistake(`${identityFile} is there already, and an identity must never be overwritten. Name another file; where an earlier try made it, give the public key in it with --recipient.`)
  // Whoever may not do it is told before an identity is made.
  await client.call('listBackups')
  const made = given.length > 0 ? null : await newIdentity(postQuantum)
  const recipients = made === null ? [...given] : [made.recipient]
  // The file first: a recipient whose identity was lost would make backups that nobody opens.
  const text = made === null ? '' : `# The identity that opens Sallyport's backups. Keep it apart from them.\n# public key: ${made.recipient}\n${made.identity.reveal()}\n`
  if (made !== null && identityFile !== undefined) await writeFile(identityFile, text, { mode: 0o600, flag: 'wx', flush: true })
  const state = await client.call('setBackupRecipients', { body: { recipients } })
  const config = await readConfig()
  print(json, { recipients: state.recipients, ...(made !== null && identityFile === undefined && { identity: made.identity.reveal() }), ...(identityFile !== undefined && { identityFile }) }, () => [
    'Backups are encrypted for:', ...state.recipients.map((recipient) => `  ${recipient}`), '',
    ...(made === null ? [] : identityFile === undefined ? ['This identity opens them. It is shown this once and kept nowhere: write it down, or print it.', '', text.trimEnd(), ''] : [`The identity that opens them is in ${identityFile}. Move it off this machine.`, '']),
    ESCROW, `  ${keyPlace(config)}`, '',
    'A backup is made every day. Make the first one now: npm run sallyport -- backup create',
  ])
}

/** Where the key-encryption key is, for the person who keeps a copy of it. */
function keyPlace({ vault, keyFile }: Awaited<ReturnType<typeof readConfig>>): string {
  switch (vault.kind) {
    case 'key-file': return keyFile
    case 'keyring': return 'the entry of the system\'s keyring (vault.kind is keyring)'
    case 'given-key': return 'the key that vault.key names'
    case 'passphrase': return 'the passphrase that vault.passphrase names'
    case 'transit': return `the key ${vault.name} of the transit service: export or back it up there`
    case 'aws-kms': return `the key ${vault.name} of AWS KMS: do not schedule its deletion`
  }
}

async function create({ client, json }: Shared): Promise<void> {
  let state = await client.call('createBackup')
  while (state.running !== null) {
    showProgress(state.running.stage, state.running.done, state.running.total)
    await wait(LOOK_MILLISECONDS)
    state = await client.call('listBackups')
  }
  endProgress()
  const { last } = state
  if (last?.outcome !== 'made') throw new Mistake(`The backup failed. ${last?.problem ?? ''}`)
  const made = state.items.find(({ name }) => name === last.name)
  print(json, made ?? last, () => [`Made and verified: ${last.name}${made === undefined ? '' : ` (${made.rows} rows, ${made.bytes} bytes)`}`, ...(last.problem === '' ? [] : [last.problem])])
}

const linesOf = ({ items, schedule, notice }: BackupState): readonly string[] => [
  ...(items.length === 0 ? [] : table([['NAME', 'MADE', 'ROWS', 'BYTES', 'VERIFIED', 'CHECKED AGAIN'], ...items.map((item) => [item.name, item.madeAt, String(item.rows), String(item.bytes), item.verifiedAt, item.problem === null ? item.checkedAt ?? 'not yet' : `${item.checkedAt === null ? '' : `${item.checkedAt}, `}does not count: ${item.problem}`])])),
  ...(schedule.nextAt === null ? [] : [`One is made every ${schedule.everyHours} hours; the next ${schedule.isDue ? 'begins within ten minutes' : `is due at ${schedule.nextAt}`}. Of ${schedule.keptDays} days, ${schedule.keptWeeks} weeks and ${schedule.keptMonths} months the newest stays, and all of the last 24 hours.`]),
  ...(notice === null ? [] : [notice]),
]

function heldIn({ state, holds }: FormerStore): string {
  if (holds === null) return state === 'closed' ? 'does not open: of another key, or damaged; no erasure reaches it' : 'nothing that opens: its keys are destroyed'
  return `${holds.accounts} accounts, ${holds.conversations} conversations, ${holds.documents} documents`
}

async function removeFormer({ client, json }: Shared, name: string, { yes = false }: { readonly yes?: boolean }): Promise<void> {
  if (!yes) throw new Mistake(`This removes ${name} with everything in it, and cannot be undone. Add --yes to do it.`)
  const removed = await client.call('removeFormerStore', { params: { formerStoreName: name } })
  print(json, removed, () => [removed.outcome === 'removed' ? `Removed: ${name}` : `The keys in ${name} are destroyed: nothing sealed in it opens any more. The server may not drop it; whoever owns its tables can: drop schema ${name} cascade`])
}

interface OfflineOptions { readonly json?: true; readonly identity?: string; readonly from?: string }

async function verify(name: string, _own: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<OfflineOptions>()
  // The server looks at its own folder alone: what lies in another one is opened here.
  if (options.identity !== undefined || options.from !== undefined) { await rehearse(name, options, 'is whole'); return }
  await withClient(async ({ client, json }: Shared) => {
    const check = await client.call('checkBackup', { params: { backupName: name } })
    print(json, check, () => [check.ok ? `${name} is what was stored, and was made by this store. To restore it into a scratch place as well, give --identity FILE.` : check.problem ?? `${name} is damaged.`])
    if (!check.ok) process.exitCode = 1
  })(command)
}

async function restore(name: string, _own: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<OfflineOptions & { readonly conversation?: string }>()
  if (options.conversation !== undefined) { await restoreOne(name, options.conversation, options); return }
  const restored = await plainly(async () => restoreBackup(await readConfig(), { ...await choiceOf(name, options), onProgress: showProgress }))
  print(options.json ?? false, restored, () => [
    `Restored ${restored.name}, made ${restored.madeAt}: ${restored.rows} rows.`,
    ...(restored.former === null ? [] : [`The former store lies aside: ${restored.former}. Remove it when all is well, with: backup former remove NAME --yes; the server does so after the days of retention.formerStoreDays.`]),
    ...(restored.erased === 0 ? [] : [`${restored.erased} accounts were erased after this backup, and stay erased.`]),
    ...(restored.erasuresKnown ? [] : ['The store that was there does not open: whoever was erased in it after this backup may be back. Check the certificates that you have with: npm run sallyport -- privacy verify FILE']),
    'Everybody signs in again. API keys that were revoked after the backup are valid again: revoke them once more.',
    'Passwords and second factors are those of the backup. After an emergency since then, run it again before the start: npm run sallyport -- emergency', 'Start the server: npm start',
  ])
}

async function restoreOne(name: string, conversationId: string, options: OfflineOptions): Promise<void> {
  const restored = await plainly(async () => restoreConversation(await readConfig(), { ...await choiceOf(name, options), conversationId, onProgress: showProgress }))
  print(options.json ?? false, restored, () => [
    `Restored conversation ${restored.conversationId} of account ${restored.accountId} from ${restored.name}, made ${restored.madeAt}: ${restored.messages} messages. Everything else is as it was.`,
    'Start the server: npm start',
  ])
}

async function extract(name: string, _own: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<OfflineOptions & { readonly conversation: string; readonly to: string }>()
  const made = await plainly(async () => extractConversation(await readConfig(), { ...await choiceOf(name, options), conversationId: options.conversation, to: options.to, onProgress: showProgress }))
  print(options.json ?? false, made, () => [
    `Wrote ${made.name} into ${made.folder}: conversation ${made.conversationId} of account ${made.accountId}, ${made.messages} messages, as of ${made.madeAt}.`,
    `Put it back with: npm run sallyport -- backup restore ${made.name} --conversation ${made.conversationId} --from ${made.folder}`,
  ])
}

async function conversations(name: string, _own: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<OfflineOptions & { readonly account: string }>()
  const found = await plainly(async () => listBackedUpConversations(await readConfig(), { ...await choiceOf(name, options), accountId: options.account, onProgress: showProgress }))
  print(options.json ?? false, { items: found }, () => (found.length === 0 ? ['The backup holds no conversation of that account.']
    : table([['ID', 'BEGUN', 'CHANGED', 'MESSAGES'], ...found.map(({ id, createdAt, updatedAt, messages }) => [id, createdAt, updatedAt, String(messages)])])))
}

async function drill(name: string | undefined, _own: unknown, command: Command): Promise<void> {
  const options = command.optsWithGlobals<OfflineOptions>()
  await rehearse(name ?? await newestOf(command), options, 'can be restored')
}

async function rehearse(name: string, options: OfflineOptions, verdict: string): Promise<void> {
  const tried = await plainly(async () => rehearseRestore(await readConfig(), { ...await choiceOf(name, options), onProgress: showProgress }))
  print(options.json ?? false, { ok: true, ...tried }, () => [
    `${tried.name} ${verdict}: ${tried.rows} rows in ${Object.keys(tried.tables).length} tables, ${tried.opened} sealed values opened, ${tried.auditEntries} audit entries in an unbroken chain.`,
    ...(tried.erased === 0 ? [] : [`${tried.erased} accounts were erased after this backup, and would stay erased.`]), 'The live store was not touched.',
  ])
}

async function newestOf(command: Command): Promise<string> {
  let name: string | undefined
  await withClient(async ({ client }: Shared) => { name = (await client.call('listBackups')).items.find(({ problem }) => problem === null)?.name })(command)
  if (name === undefined) throw new Mistake('There is no backup yet. Make one: npm run sallyport -- backup create')
  return name
}

async function choiceOf(name: string, { identity, from }: OfflineOptions): Promise<{ readonly name: string; readonly folder?: string; readonly identities: readonly Secret[] }> {
  const text = identity === undefined ? await readSecret('Identity (AGE-SECRET-KEY-…): ') : await readFile(identity, 'utf8').catch(() => { throw new Mistake(`${identity} cannot be read.`) })
  const identities = parseIdentities(text)
  if (identities.length === 0) throw new Mistake('There is no identity in that: it begins with AGE-SECRET-KEY-.')
  return { name, identities, ...(from !== undefined && { folder: from }) }
}

/** Failures that are the operator's to mend, in their own words. */
async function plainly<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof BackupRefused || error instanceof VaultFailure || error instanceof DataDirectoryProblem) throw new Mistake(error.message)
    throw error
  } finally {
    endProgress()
  }
}

const isShown = () => process.stderr.isTTY
function showProgress(stage: string, done: number, total: number): void {
  if (!isShown()) return
  process.stderr.write(forTerminal(`\r${stage} ${total === 0 ? '…' : `${Math.min(100, Math.floor((done / total) * 100))} %`}`).replace(/^/, '\r').padEnd(30))
}
function endProgress(): void {
  if (isShown()) process.stderr.write(`\r${' '.repeat(30)}\r`)
}
