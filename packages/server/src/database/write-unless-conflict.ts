import { WriteConflict, type Database, type WriteStep } from './database.ts'

/** Writes a batch. False, and nothing was written, where one of its expectations was missed: somebody else was faster, or there is no room. */
export async function writeUnlessConflict(database: Pick<Database, 'write'>, steps: readonly WriteStep[]): Promise<boolean> {
  try {
    await database.write(steps)
    return true
  } catch (error) {
    if (error instanceof WriteConflict) return false
    throw error
  }
}
