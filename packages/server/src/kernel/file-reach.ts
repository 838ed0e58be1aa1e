import { lstatSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'

/** Something that is wrong with who may reach a file, in an operator's words. */
export interface ReachProblem { readonly found: string; readonly means: string; readonly mend: string }

/** What is said of a file, and what follows where others may write or read it. */
export interface ReachWords { /** What it is, such as “which holds a secret”. */ readonly which: string; readonly written: string; readonly read: string; readonly another: string; /** Whether everybody may read what came with the system: root's, where systems have their programs. */ readonly isSystemsOpen?: boolean }

/** The bits of a mode with which others than its owner write. */
export const WRITTEN_BY_OTHERS = 0o022
const READ_BY_ALL = 0o004
const STICKY = 0o1000
/** As many as Linux follows. */
const MOST_LINKS = 40
const SYSTEM = /^\/(?:usr|bin|sbin|lib\w*|nix\/store)\//

/** A file with its links followed. Throws what the system says where it cannot be looked at. */
export const lookAtFile = (path: string): { readonly real: string; readonly stats: Stats } => {
  const real = realpathSync(path)
  return { real, stats: statSync(real) }
}

/** What is wrong with who may reach a file: others write it, everybody reads it, or it belongs to another user than this one and root. Null where nothing is. */
export function reachProblem(real: string, { mode, uid }: Pick<Stats, 'mode' | 'uid'>, { which, written, read, another, isSystemsOpen = false }: ReachWords): ReachProblem | null {
  if ((mode & WRITTEN_BY_OTHERS) !== 0) return { found: `Others can write ${real}, ${which}.`, means: written, mend: `Run: chmod go-w ${real}` }
  if ((mode & READ_BY_ALL) !== 0 && !(isSystemsOpen && uid === 0 && SYSTEM.test(real))) return { found: `Everybody on this machine can read ${real}, ${which}.`, means: read, mend: `Run: chmod o-r ${real}` }
  if (uid !== 0 && uid !== process.getuid?.()) return { found: `${real}, ${which}, belongs to another user.`, means: another, mend: `Run: chown $(id -u) ${real}` }
  return null
}

/**
 * What on the way to a file others may change, so that the path leads elsewhere: a directory, or a link of theirs; null where there is nothing. Every link is followed,
 * and every directory that is passed looked at. Where the sticky bit stands, as on /tmp, others change what is theirs alone.
 */
export function changeableOnTheWay(path: string): string | null {
  const waiting = path.split('/').filter(Boolean)
  let at = '/'
  for (let links = 0; ;) {
    const { mode, uid } = statSync(at)
    const part = waiting.shift()
    // The file itself is looked at by whoever asks.
    if (part === undefined) return null
    if (isOthers(uid) || ((mode & WRITTEN_BY_OTHERS) !== 0 && (mode & STICKY) === 0)) return at
    const next = resolve(at, part)
    const found = lstatSync(next)
    if (!found.isSymbolicLink()) { at = next; continue }
    links += 1
    if (isOthers(found.uid) || links > MOST_LINKS) return next
    const target = readlinkSync(next)
    waiting.unshift(...target.split('/').filter(Boolean))
    if (isAbsolute(target)) at = '/'
  }
}

const isOthers = (uid: number) => uid !== 0 && uid !== process.getuid?.()
