import { spawnSync } from 'node:child_process'
import { mkdirSync, rmdirSync } from 'node:fs'
import { makeScratch } from './places.ts'

/** A small file system of its own, unmounted with its scope. */
export interface SmallDisk extends Disposable { readonly directory: string }

const mounts = new Set<string>()
// Before the directories go.
process.prependOnceListener('exit', () => { for (const directory of mounts) spawnSync('umount', ['--lazy', directory]) })

/** Why no file system can be mounted here; null when one can. */
export function mountHindrance(): string | null {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root, to mount a small file system'
  try {
    mountSmallDisk(1)[Symbol.dispose]()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'mount failed'
  }
}

/** Mounts a tmpfs of so many mebibytes. Throws with what mount says. */
export function mountSmallDisk(mebibytes: number): SmallDisk {
  const scratch = makeScratch()
  const directory = `${scratch.directory}/disk`
  mkdirSync(directory)
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'sallyport-faults', directory], { encoding: 'utf8' })
  if (error !== undefined || status !== 0) {
    scratch[Symbol.dispose]()
    throw new Error(`no file system can be mounted: ${(error?.message ?? stderr).trim()}`)
  }
  mounts.add(directory)
  return {
    directory,
    [Symbol.dispose]() {
      if (spawnSync('umount', [directory]).status !== 0) spawnSync('umount', ['--lazy', directory])
      mounts.delete(directory)
      rmdirSync(directory)
      scratch[Symbol.dispose]()
    },
  }
}

/** Why strace cannot inject faults here; null when it can. */
export function straceHindrance(): string | null {
  if (process.platform !== 'linux') return 'needs Linux'
  const { status, error } = spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO', 'true'])
  if (error !== undefined) return 'strace is not installed'
  return status === 0 ? null : 'strace may not trace here'
}
