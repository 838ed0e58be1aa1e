import { lookAtFile, reachProblem, WRITTEN_BY_OTHERS, type ReachProblem } from '../kernel/file-reach.ts'

/** A file that a setting names as the place of a secret. */
export interface SecretFile { readonly setting: string; readonly path: string }

const REFERENCE = 'file:'
/** Where orchestrators mount secrets, in memory and for this server alone: others may read there, and files are another user's. */
const MOUNTS = ['/run/secrets/', '/var/run/secrets/', '/run/credentials/']

/** Every `file:` reference of a configuration, wherever it stands. */
export const secretFilesIn = (value: unknown, setting = ''): readonly SecretFile[] => {
  if (typeof value === 'string') return value.startsWith(REFERENCE) ? [{ setting, path: value.slice(REFERENCE.length) }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => secretFilesIn(inner, setting === '' ? name : `${setting}.${name}`))
}

const words = { which: 'which holds a secret', written: 'They can put another secret there, and have the server use it.', read: 'Whoever has an account on this machine has the secret.', another: 'That user can read it and put another secret there.' }

/** What is wrong with who may reach a file that holds a secret, links followed; null where nothing is, where it cannot be looked at, and on Windows. */
export function secretFileProblem(path: string): ReachProblem | null {
  if (process.platform === 'win32') return null
  try {
    const { real, stats } = lookAtFile(path)
    const isMounted = MOUNTS.some((mount) => real.startsWith(mount))
    return isMounted && (stats.mode & WRITTEN_BY_OTHERS) === 0 ? null : reachProblem(real, stats, words)
  } catch {
    // That it cannot be read is told where it is read.
    return null
  }
}
