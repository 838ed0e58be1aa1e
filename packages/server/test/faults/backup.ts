import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { compose, type Sallyport } from '../../src/compose/index.ts'
import { loadConfig, type Config } from '../../src/config/load.ts'
import { isDumped } from '../../src/database/snapshot.ts'
import type { Secret } from '../../src/kernel/secret.ts'
import { BackupRefused, newIdentity, restoreBackup, VaultFailure } from '../../src/ops/backup/index.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { createRandom, type Random } from './lib/random.ts'

/** Backups that are damaged for each cycle of backup, wipe and restore. */
const DAMAGED_PER_ROUND = 100
const MODEL = 'sallyport/library'
/** What the restore itself, or the backup before it, adds a row to. Beside it, what no dump holds is left out: what is of the moment, and indexes that are made anew. */
const ADDED_TO = new Set(['backup_run', 'audit_entry'])

/** A restore that loses messages on its way, and one that says nothing of what it could not restore. They must be found out. */
export const losesMessages: readonly Patch[] = [{
  file: 'ops/backup/restore.ts', from: 'return await completeRestore(database, { ...known, at: systemClock.now() })',
  to: `const erased = await completeRestore(database, { ...known, at: systemClock.now() })
    await database.write([{ query: database.read.deleteFrom('message').compile() }])
    return erased`,
}]
export const keepsSilent: readonly Patch[] = [{
  file: 'ops/backup/restore.ts', from: 'throw toRefusal(error)',
  to: `if (!(toRefusal(error) instanceof BackupRefused)) throw error
    return { name: '', madeAt: '', rows: 0, erased: 0, former: null }`,
}]

interface Rig { readonly server: TestServer; owner: Person; readonly identity: Secret; readonly config: Config; readonly folder: string }

/** A digest of every row that a restore must bring back. */
async function rowsDigest({ database }: Sallyport): Promise<string> {
  const digest = createHash('sha256')
  const tables = (await database.read.introspection.getTables()).map(({ name }) => name).filter((name) => isDumped(name) && !ADDED_TO.has(name)).toSorted()
  for (const table of tables) {
    const { rows } = await sql`select * from ${sql.table(table)}`.execute(database.read)
    digest.update(table).update(rows.map((row) => JSON.stringify(row)).toSorted().join('\n'))
  }
  return digest.digest('hex')
}

async function filesDigest(directory: string): Promise<string> {
  const digest = createHash('sha256')
  for (const entry of (await readdir(directory, { recursive: true, withFileTypes: true })).toSorted((left, right) => (join(left.parentPath, left.name) < join(right.parentPath, right.name) ? -1 : 1))) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !path.startsWith(join(directory, 'run'))) digest.update(path).update(await readFile(path))
  }
  return digest.digest('hex')
}

async function backUp({ server, owner }: Rig): Promise<string> {
  const { backups } = server.sallyport.domains
  const begun = await owner.call('POST', '/api/v1/backups')
  if (begun.status !== 200) throw new Error(`The backup did not begin: ${begun.text}`)
  await backups.settled()
  const { last } = await backups.list()
  if (last?.outcome !== 'made') throw new Error(`The backup failed: ${last?.problem ?? ''}`)
  return last.name
}

/** Writes something, backs up, wipes the data directory, restores. True when every row is there again. */
async function cycle(rig: Rig, round: number): Promise<boolean> {
  const conversation = await rig.owner.newConversation()
  await rig.owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `What survives cycle ${round}?`, model: MODEL })
  const name = await backUp(rig)
  const before = await rowsDigest(rig.server.sallyport)
  await rig.server.sallyport.close()
  await rm(rig.server.dataDirectory, { recursive: true })
  await restoreBackup(rig.config, { name, identities: [rig.identity] })
  const restored = await compose(rig.config)
  const after = await rowsDigest(restored)
  const { ok } = await restored.domains.audit.verify()
  await restored.close()
  await rig.server.restart()
  rig.owner = await rig.server.renew(rig.owner)
  return ok && before === after
}

/** Damages one file of a copy in one way, and restores from it. True when that was refused. */
async function damageOnce(rig: Rig, name: string, random: Random): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-damaged-'))
  try {
    await cp(rig.folder, folder, { recursive: true })
    const file = random.pick((await readdir(folder)).filter((entry) => entry.startsWith(name) || entry.startsWith('keys')))
    const bytes = await readFile(join(folder, file))
    const damaged = damage(bytes, random)
    if (damaged.equals(bytes)) return true
    await writeFile(join(folder, file), damaged)
    await restoreBackup(rig.config, { name, folder, identities: [rig.identity] })
    return false
  } catch (error) {
    if (error instanceof BackupRefused || error instanceof VaultFailure) return true
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function damage(bytes: Buffer, random: Random): Buffer {
  const at = random.between(0, bytes.length - 1)
  const to = random.between(at + 1, bytes.length)
  switch (random.between(0, 6)) {
    case 0: case 1: {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.between(0, 7)), at)
      return flipped
    }
    case 2: return bytes.subarray(0, at)
    case 3: return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
    case 4: return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    case 5: return Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)])
    default: return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(to - at), bytes.subarray(to)])
  }
}

async function run({ rounds, seed, note }: FaultOptions): Promise<readonly Figure[]> {
  const random = createRandom(seed)
  await using server = await openTestServer({ withHandbook: true })
  const { identity, recipient } = await newIdentity(false)
  const owner = await server.setUpOwner()
  await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [recipient] })
  const rig: Rig = { server, owner, identity, folder: `${server.dataDirectory}-backups`, config: loadConfig({}, { SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory, SALLYPORT_LOG_LEVEL: 'silent' }) }
  let equal = 0
  for (let round = 0; round < rounds; round += 1) {
    if (await cycle(rig, round)) equal += 1
    if (round % 10 === 9) note(`${round + 1} cycles, ${equal} equal`)
  }
  const name = await backUp(rig)
  await server.sallyport.close()
  const live = await filesDigest(server.dataDirectory)
  const damaged = rounds * DAMAGED_PER_ROUND
  let accepted = 0
  let touched = 0
  for (let round = 0; round < damaged; round += 1) {
    if (!await damageOnce(rig, name, random)) accepted += 1
    if (round % 100 === 99) {
      if (await filesDigest(server.dataDirectory) !== live) touched += 1
      note(`${round + 1} damaged, ${accepted} accepted`)
    }
  }
  return [
    figureOf({ id: 'R10.cycles-equal', value: equal / rounds, unit: 'of all', bound: { equals: 1 }, samples: `${rounds} cycles of backup, wipe and restore, every row compared` }),
    figureOf({ id: 'R10.damaged-accepted', value: accepted, unit: 'backups', bound: { equals: 0 }, samples: `${damaged} backups, each damaged at one place` }),
    figureOf({ id: 'R10.live-data-touched', value: touched, unit: 'times', bound: { equals: 0 }, samples: `looked at after every 100 of them` }),
  ]
}

export const backup: Fault = { title: 'Backup, wipe and restore; damaged backups', rounds: 100, hindrance: () => null, run }
