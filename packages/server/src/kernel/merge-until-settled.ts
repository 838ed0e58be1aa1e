/** Merges at most in one go: what is left then is for the next one. */
const MOST_MERGES = 5_000

/** Merges a little, again and again, until the record of what there is to merge stays as it was. */
export async function mergeUntilSettled(record: () => Promise<string | undefined>, mergeSome: () => Promise<void>): Promise<void> {
  let former = await record()
  for (let merges = 0; merges < MOST_MERGES; merges += 1) {
    await mergeSome()
    const now = await record()
    if (now === former) return
    former = now
  }
}
