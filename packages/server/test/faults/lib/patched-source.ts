import { registerHooks } from 'node:module'
import * as z from 'zod'
import type { Patch } from './patches.ts'

// Loaded with `node --import` before the server: changes named lines of its source as they are read, in that process alone.
// Negative controls are made so (a server that acknowledges too early), and waits that are too long for a test are shortened. Where a patch does not fit any more the start fails, so that none can wear out unseen.

const Patches = z.array(z.strictObject({ file: z.string(), from: z.string(), to: z.string() }))
const patches: readonly Patch[] = Patches.parse(JSON.parse(process.env['SALLYPORT_TEST_PATCHES'] ?? '[]'))

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const own = patches.filter(({ file }) => url.endsWith(`/packages/server/src/${file}`))
    if (own.length === 0 || loaded.source === undefined || loaded.source === null) return loaded
    let source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString('utf8')
    for (const { file, from, to } of own) {
      if (source.split(from).length !== 2) throw new Error(`The patch of ${file} does not fit any more: ${from}`)
      source = source.replace(from, () => to)
    }
    return { ...loaded, source }
  },
})
