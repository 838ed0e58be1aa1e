import { spawnSync } from 'node:child_process'
import { mkdirSync, rmdirSync, truncateSync, writeFileSync } from 'node:fs'
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

/** A file system on a file of its own, whose power can be cut: what was not synced is gone. */
export interface CuttableDisk extends SmallDisk {
  /** From now on nothing is read or written there. */
  cut(): void
  /** Mounts what the cut left. Nothing may hold the directory any more. */
  mountAgain(): void
}

const DISK_BYTES = 512 * 1_048_576
const MKFS = '/usr/sbin/mkfs.ext4'

/** Runs a program. Throws with what it says. */
function must(program: string, ...words: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8' })
  if (error !== undefined || status !== 0) throw new Error(`${program} failed: ${(error?.message ?? stderr).trim()}`)
}

/** Why no file system can lose its power here; null when one can. */
export function cutHindrance(): string | null {
  const hindrance = mountHindrance()
  if (hindrance !== null) return hindrance
  try {
    using disk = mountCuttableDisk()
    disk.cut()
    return null
  } catch (error) {
    return `${error instanceof Error ? error.message : 'a file system cannot be cut off'} (needs e2fsprogs, xfsprogs and a loop device)`
  }
}

/** Makes and mounts an ext4 file system in a file. Throws with what the tools say. */
export function mountCuttableDisk(): CuttableDisk {
  const scratch = makeScratch()
  const [image, directory] = [`${scratch.directory}/image`, `${scratch.directory}/disk`]
  writeFileSync(image, '')
  truncateSync(image, DISK_BYTES)
  mkdirSync(directory)
  const mount = () => {
    must('mount', '-o', 'loop', image, directory)
    mounts.add(directory)
  }
  const unmount = () => {
    if (spawnSync('umount', [directory]).status !== 0) spawnSync('umount', ['--lazy', directory])
    mounts.delete(directory)
  }
  try {
    must(MKFS, '-q', image)
    mount()
  } catch (error) {
    scratch[Symbol.dispose]()
    throw error
  }
  return {
    directory,
    // Without the journal's flush: as when the plug is pulled.
    cut() { must('xfs_io', '-x', '-c', 'shutdown', directory) },
    mountAgain() { unmount(); mount() },
    [Symbol.dispose]() {
      unmount()
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
