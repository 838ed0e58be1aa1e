import type { Stats } from 'node:fs'
import { isAbsolute } from 'node:path'
import { lookAtFile, reachProblem, changeableOnTheWay, type ReachProblem } from './file-reach.ts'

const EXECUTED_BY_OWNER = 0o100
const words = {
  which: 'which the server runs', written: 'They can have the server run what they like, as itself.',
  read: 'Whoever has an account on this machine sees how keys are made, and with what.', another: 'That user can have the server run what they like, as itself.', isSystemsOpen: true,
}

/**
 * What is wrong with a program that the server is to run, and with the files that its arguments name by their whole path, such as the script of an interpreter;
 * null where nothing is. Links are followed. Each must be this user's or root's, and neither it nor anything on the way to it may be others' to change: whoever can,
 * runs programs as the server.
 */
export function commandProblem([program = '', ...given]: readonly string[]): ReachProblem | null {
  if (process.platform === 'win32') return { found: 'Programs are not run on Windows.', means: 'Whether others can change them cannot be told there.', mend: 'Take the setting away, and replace keys on the page.' }
  if (!isAbsolute(program)) return { found: `${program} is no absolute path.`, means: 'Which program is run would depend on where the server was started.', mend: 'Give the whole path, beginning with /.' }
  try {
    const { real, stats } = lookAtFile(program)
    if (!stats.isFile()) return { found: `${real} is no file.`, means: CANNOT_RUN, mend: 'Name a program.' }
    const problem = changeableProblem(program, real, stats)
    if (problem !== null) return problem
    if ((stats.mode & EXECUTED_BY_OWNER) === 0) return { found: `${real} is not executable.`, means: CANNOT_RUN, mend: `Run: chmod u+x ${real}` }
  } catch {
    return { found: `${program} cannot be looked at.`, means: CANNOT_RUN, mend: 'Put the program there, where the user that starts the server can reach it.' }
  }
  for (const path of given.filter((each) => isAbsolute(each))) {
    const problem = argumentProblem(path)
    if (problem !== null) return problem
  }
  return null
}

const CANNOT_RUN = 'The server cannot run it.'

function changeableProblem(path: string, real: string, stats: Stats): ReachProblem | null {
  const reach = reachProblem(real, stats, words)
  if (reach !== null) return reach
  const way = changeableOnTheWay(path)
  return way === null ? null : { found: `Others can put another file in the place of ${path}: they can change ${way}.`, means: words.written, mend: `Move it elsewhere, or run: chmod go-w ${way}` }
}

/** An argument that begins like a path may name no file at all. */
function argumentProblem(path: string): ReachProblem | null {
  try {
    const { real, stats } = lookAtFile(path)
    return stats.isFile() ? changeableProblem(path, real, stats) : null
  } catch {
    return null
  }
}
