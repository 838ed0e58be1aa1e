import { WriteConflict, type Database, type WriteStep } from '../database/database.ts'
import { ProblemError } from '../kernel/problem.ts'

const RETRY_MILLISECONDS = 500
/** Tries for whatever is not lack of room: a disk that fails for so long fails for good, and the next start marks what is left. */
const MOST_TRIES = 120
/** A conversation owes one at most; entrances that keep no text could add more for as long as there is no room. */
const MOST_OWED = 10_000

/**
 * Endings of turns that the store did not take when they were due. They are written as soon as it takes them again: until then a
 * conversation would wait for an answer that nobody writes. Their readers were told that they failed. What a process still owes when it
 * ends is marked as interrupted by the next start.
 */
export function createOwedEndings({ write }: Pick<Database, 'write'>) {
  const owed: (readonly WriteStep[])[] = []
  let tries = 0

  const writeFirst = async (): Promise<boolean> => {
    try {
      await write(owed[0] ?? [])
      return true
    } catch (error) {
      // Nothing waits for it any more, such as when its conversation was deleted.
      if (error instanceof WriteConflict) return true
      tries = error instanceof ProblemError && error.code === 'storage-full' ? 0 : tries + 1
      return tries >= MOST_TRIES
    }
  }
  const retry = async () => {
    while (owed.length > 0 && await writeFirst()) owed.shift()
    if (owed.length > 0) later()
  }
  const later = () => { setTimeout(() => { void retry() }, RETRY_MILLISECONDS).unref() }
  return {
    /** Takes over an ending that could not be written. */
    add(steps: readonly WriteStep[]): void {
      if (owed.length >= MOST_OWED) return
      owed.push(steps)
      if (owed.length === 1) later()
    },
  }
}
