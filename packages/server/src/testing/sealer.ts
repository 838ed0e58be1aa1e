import { createSealer } from '../kernel/seal.ts'

/** The sealer of a server that every process of a test shares. */
export const testServerSealer = createSealer('server', new Map([[1, Buffer.alloc(32, 5)]]))
/** What names whom limits count, in every process of a test. */
export const testSubjects = testServerSealer.derive('limits')
