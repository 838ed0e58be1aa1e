import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Lends a folder of its own under `staging`, which is gone afterwards with all that lies in it. */
export async function withScratch<Result>({ staging }: { readonly staging: string }, use: (scratch: string) => Promise<Result>): Promise<Result> {
  const scratch = await mkdtemp(join(staging, 'listing-'))
  try {
    return await use(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
