import type { PassageIndexDescriptor } from '../../ports/passage-index.ts'
import { fts5 } from './fts5/index.ts'
import { tsvector } from './tsvector/index.ts'

/** The full text index of each engine of the store. */
export const passageIndexes = { sqlite: fts5, postgres: tsvector } as const satisfies Record<string, PassageIndexDescriptor>
