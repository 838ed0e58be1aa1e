import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { doctorLimits } from '../../policy/doctor.ts'
import { bad, good, type Check, type Finding } from './finding.ts'

const MEGABYTE = 1_048_576

/** Room on the disks of the data and of the backups, and as whom this runs. */
export const checkRoom: Check = async ({ config }) => {
  const disks = await Promise.all([config.dataDirectory, config.backupDirectory].map(roomAt))
  const isRoot = process.getuid?.() === 0
  return [...disks.flat(), ...(isRoot ? [bad('room', 'warning', { found: 'This runs as root.', means: 'Whoever takes over the server takes over the machine.', mend: 'Make a user of its own for it, and give it the data directory: chown -R sallyport' })] : [])]
}

async function roomAt(path: string): Promise<readonly Finding[]> {
  const found = await nearest(path)
  if (found === null) return []
  const { bavail, bsize } = await statfs(found)
  const free = bavail * bsize
  const { warning, problem } = doctorLimits.freeBytes
  const told = `${Math.floor(free / MEGABYTE)} MB are free at ${path}.`
  return free >= warning ? [good('room', told)] : [bad('room', free < problem ? 'problem' : 'warning', { found: told, means: 'When the disk is full, questions are refused with 507, and backups fail.', mend: 'Make room, or move the directory to a larger disk.' })]
}

/** The first directory above a path that is there. */
async function nearest(path: string): Promise<string | null> {
  const isThere = await statfs(path).then(() => true, () => false)
  if (isThere) return path
  return dirname(path) === path ? null : nearest(dirname(path))
}
