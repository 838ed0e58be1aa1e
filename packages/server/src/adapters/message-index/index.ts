import type { MessageIndexDescriptor } from '../../ports/message-index.ts'
import { fts5 } from './fts5/index.ts'
import { tsvector } from './tsvector/index.ts'

/** The full text index of each engine of the store. */
export const messageIndexes = { sqlite: fts5, postgres: tsvector } as const satisfies Record<string, MessageIndexDescriptor>
