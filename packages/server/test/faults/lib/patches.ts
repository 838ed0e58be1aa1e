import { join } from 'node:path'

/** One change of the server's source for a single process; `from` must stand exactly once in `file` (below `packages/server/src/`). */
export interface Patch { readonly file: string; readonly from: string; readonly to: string }

/** Give it to `node --import`, with the patches as JSON in `SALLYPORT_TEST_PATCHES`. */
export const PATCHED_SOURCE = join(import.meta.dirname, 'patched-source.ts')
