import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { ErasureCertificate, type DataExport } from '@sallyport/contract'
import type { Command } from 'commander'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'
import { idOf } from './accounts.ts'

const LOOK_MILLISECONDS = 300

/** What is held on people, and the proof that it is held no longer. */
export function privacy(program: Command): void {
  const group = program.command('privacy').description('erasures and exports')
  group.command('certificates').description('certificates of erasures, newest first').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listErasures')
    print(json, items, () => (items.length === 0 ? ['Nobody was erased yet.'] : table([['ID', 'ERASED', 'ROWS', 'BACKUPS CLOSED'], ...items.map(({ id, erasedAt, cleared, backups }) => [id, erasedAt, String(Object.values(cleared).reduce((sum, count) => sum + count, 0)), backups.closedAt ?? 'not yet'])])))
  }))
  group.command('export').description('what is held on an account, as a zip of JSON, without conversations and documents: its owner alone exports those; it is noted in the audit log')
    .argument('<account>', 'an id or an e-mail address').requiredOption('--out <file>', 'where to put it; the file must not be there yet').action(withClient(exportAccount))
  group.command('verify').description('check a certificate against the database and the backups as they are now').argument('<certificate>', 'the file with it').action(withClient(verify))
}

async function exportAccount({ client, json }: Shared, account: string, { out }: { readonly out: string }): Promise<void> {
  const accountId = await idOf(client, account)
  let state: DataExport | null = await client.call('exportAccount', { params: { accountId } })
  while (state?.state === 'running') {
    if (process.stderr.isTTY) process.stderr.write(`\r${state.done} of ${state.total} rows`)
    await wait(LOOK_MILLISECONDS)
    state = (await client.call('getAccountExport', { params: { accountId } })).last
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (state?.state !== 'ready') throw new Mistake('The export failed. The reason is in the log of the server.')
  await pipeline(await client.download('downloadAccountExport', { params: { accountId, exportId: state.id } }), createWriteStream(out, { flags: 'wx', mode: 0o600 }))
  print(json, { ...state, file: out }, () => [`${state.done} rows are in ${out}, for your eyes and the person's alone. Its README.md says what is left out. On the server the export is removed after a day.`])
}

async function verify({ client, json }: Shared, path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => { throw new Mistake(`${path} cannot be read.`) })
  const certificate = ErasureCertificate.safeParse(parse(text))
  if (!certificate.success) throw new Mistake(`${path} holds no certificate of an erasure.`)
  const check = await client.call('verifyErasure', { body: certificate.data })
  print(json, check, () => [...check.checks.map(({ ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${detail}`), check.ok ? 'The erasure holds.' : 'The erasure does not hold.'])
  if (!check.ok) process.exitCode = 1
}

function parse(text: string): unknown {
  try { return JSON.parse(text) } catch { return null }
}
