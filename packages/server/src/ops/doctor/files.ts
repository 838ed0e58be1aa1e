import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { configFileOf } from '../../config/load.ts'
import { bad, good, type Check, type Finding } from './finding.ts'

interface Kept { readonly path: string; /** The bits of a mode that others must not have. */ readonly forbidden: number; readonly means: string; readonly flag: string }

const READ = 'Others on this machine can read it.'
const WRITE = 'Others on this machine can change what the server does.'

/** Files and directories, whose they are and who may reach them (DAT-1). Files that references name are looked at with the settings, as a start does. */
export const checkFiles: Check = async ({ config, environment }) => {
  if (process.platform === 'win32') return [bad('files', 'unknown', { found: 'Modes of files are not looked at on Windows.', means: 'Whoever may read the data directory is decided by its permissions.', mend: 'See in its properties that you alone may open it.' })]
  const kept: Kept[] = [
    { path: config.dataDirectory, forbidden: 0o077, means: READ, flag: '700' },
    ...(await within(config.dataDirectory)).map((path) => ({ path, forbidden: 0o077, means: READ, flag: 'go-rwx' })),
    { path: config.backupDirectory, forbidden: 0o077, means: 'Others can read when backups were made, and copy them.', flag: '700' },
    ...(await within(config.backupDirectory)).map((path) => ({ path, forbidden: 0o077, means: 'Others can copy it. It is encrypted all the same.', flag: '600' })),
    { path: config.configDirectory, forbidden: 0o022, means: WRITE, flag: 'go-w' },
    { path: configFileOf(environment.environment), forbidden: 0o022, means: WRITE, flag: 'go-w' },
    ...(config.vault.kind === 'key-file' ? [{ path: config.keyFile, forbidden: 0o077, means: 'Whoever reads the key file and copies the data reads everything. The server does not start with it.', flag: '600' }] : []),
  ]
  const findings = (await Promise.all(kept.map(look))).flat()
  return findings.length > 0 ? findings : [good('files', `${config.dataDirectory} and what belongs to it are their owner's alone.`)]
}

async function look({ path, forbidden, means, flag }: Kept): Promise<readonly Finding[]> {
  const stats = await lstat(path).catch(() => null)
  if (stats === null) return []
  if (stats.isSymbolicLink()) return []
  // An empty log of writes says nothing, and SQLite gives it its store's mode whenever it opens that.
  if (path.endsWith('-wal') && stats.size === 0) return []
  if (process.getuid !== undefined && stats.uid !== process.getuid()) {
    return [bad('files', 'problem', { found: `${path} belongs to another user.`, means: 'The server cannot mend its mode, and may not be able to write it.', mend: `Run as the user that starts the server, or: chown $(id -u) ${path}` })]
  }
  return (stats.mode & forbidden) === 0 ? [] : [bad('files', 'problem', { found: `${path} has the mode ${(stats.mode & 0o777).toString(8)}.`, means, mend: `chmod ${flag} ${path}` })]
}

async function within(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile() || entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}
