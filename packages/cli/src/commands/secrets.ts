import { setTimeout as wait } from 'node:timers/promises'
import type { DataKeyRotation } from '@sallyport/contract'
import { DataDirectoryProblem, loadNextVault, readConfig, rewrapStore, VaultFailure } from '@sallyport/server/ops'
import type { Command } from 'commander'
import type { Client } from '../client.ts'
import { Mistake } from '../connect.ts'
import { forTerminal, print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

const LOOK_MILLISECONDS = 500

/** The keys that everything is sealed with. */
export function secrets(program: Command): void {
  const group = program.command('secrets').description('the keys that stored text is sealed with')
  group.command('rotate').description('replace data keys; everything is sealed anew while the server goes on, and nobody is signed out')
    .option('--data-keys', 'the keys that seal what is stored').option('--account <id>', 'of one account').option('--all', 'of everybody, of collections and of the server').action(withClient(rotate))
  group.command('rewrap').description('move the store to another vault or key; the server must be stopped')
    .requiredOption('--to <file>', 'a JSON file with the settings of the new vault, as the area vault of the configuration').action(rewrap)
  group.command('uses').description('what the secrets of the server were read for within a day, and whether that is more than usual').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listSecretUses')
    print(json, items, () => (items.length === 0 ? ['No secret was read.'] : table([['SECRET', 'LAST READ', 'READS', 'TOKENS', 'USUAL IN AN HOUR', 'READ FOR', ''], ...items.map((item) => [
      item.provider === null ? `${item.kind} ${item.name}` : `key ${item.version ?? ''} of ${item.provider}`, item.lastReadAt, String(item.reads), String(item.tokens), item.usualReads === null ? 'not known yet' : String(item.usualReads),
      item.purposes.map(({ purpose, reads }) => `${purpose} ${reads}`).join(', '), item.jumpedAt === null ? '' : `jumped ${item.jumpedAt}`,
    ])])))
  }))
  group.command('status').description('how far the last rotation is').action(withClient(async ({ client, json }) => {
    const state = await client.call('getDataKeyRotation')
    print(json, state, () => linesOf(state))
  }))
}

async function rewrap(_own: unknown, command: Command): Promise<void> {
  const { to, json = false } = command.optsWithGlobals<{ to: string; json?: boolean }>()
  await rewrapTo(to, json)
}

/** Moves the store to the vault whose settings are in a file. Throws `Mistake` while a server runs, and where the vault does not open. */
export async function rewrapTo(to: string, json: boolean): Promise<void> {
  const config = await readConfig()
  try {
    const moved = await rewrapStore(config, { next: await loadNextVault(config, to), onProgress: (done, total) => { if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} keys`) } })
    print(json, moved, () => [
      `${moved.keys} data keys and the key of the store's pages are wrapped by the new vault (${moved.to}).`,
      `Now put the settings of ${to} into the area vault of the configuration, and start the server: it makes a new copy of the wrapped keys for the backups.`,
      'Until then keep the former key as well: the backups that are there still need it.',
      ...(moved.closedStores.length === 0 ? [] : ['These stores, which a restore laid aside, open with the former key alone. No erasure is complete, and its certificate does not hold, until they are removed. Remove them when you need them no more:', ...moved.closedStores.map((folder) => `  ${folder}`)]),
    ])
  } catch (error) {
    if (error instanceof VaultFailure || error instanceof DataDirectoryProblem) throw new Mistake(error.message)
    throw error
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\n')
  }
}

interface RotateOptions { readonly dataKeys?: true; readonly account?: string; readonly all?: true }

async function rotate({ client, json }: Shared, { dataKeys, account, all }: RotateOptions): Promise<void> {
  if (dataKeys !== true) throw new Mistake('Say what to rotate: --data-keys. The key that signs access tokens is replaced with: npm run sallyport -- tokens rotate-key')
  if ((account === undefined) === (all === undefined)) throw new Mistake('Say whose data keys: --account ID, or --all.')
  const begun = await client.call('rotateDataKeys', { body: account === undefined ? {} : { accountId: account } })
  const state = await follow(client, begun)
  print(json, state, () => linesOf(state))
}

/** Waits until everything is sealed anew. The server goes on also when this command is ended. */
export async function follow(client: Client, begun: DataKeyRotation): Promise<DataKeyRotation> {
  let state = begun
  while (state.last?.endedAt === null) {
    if (process.stderr.isTTY) process.stderr.write(forTerminal(`\r${state.last.ownersDone} of ${state.last.owners} owners, ${state.last.valuesDone} values`).replace(/^/, '\r'))
    await wait(LOOK_MILLISECONDS)
    state = await client.call('getDataKeyRotation')
  }
  if (process.stderr.isTTY) process.stderr.write(`\r${' '.repeat(60)}\r`)
  return state
}

function linesOf({ last, waiting, resealing, settling, settledAt, versionsInUse, versionsRetired }: DataKeyRotation): readonly string[] {
  if (last === null) return ['Data keys were never rotated. Rotate them: npm run sallyport -- secrets rotate --data-keys --all']
  return [
    `Begun ${last.begunAt}: ${last.ownersDone} of ${last.owners} owners done, ${last.valuesDone} values sealed anew.${last.endedAt === null ? '' : ` Ended ${last.endedAt}.`}`,
    ...(waiting + resealing === 0 ? [] : [`${waiting} owners wait, ${resealing} are under way. The server goes on by itself.`]),
    ...(last.valuesBroken === 0 ? [] : [`${last.valuesBroken} values do not open and stay as they are: they were damaged before. Their keys stay in use.`]),
    ...(settling === 0 ? [] : [`The former versions of ${settling} owners go out of use${settledAt === null ? ' within the hour' : ` at ${settledAt}`}; a rotation that begins before leaves these owners out.`]),
    `${versionsInUse} versions are in use; ${versionsRetired} are kept, wrapped, for backups that may need them.`,
  ]
}
