import { timingSafeEqual, type KeyObject } from 'node:crypto'
import * as z from 'zod'
import { keyedHash, type VersionedKeys } from '../../kernel/seal.ts'

/** From the server's key of this name come the marks of what was cut off the audit log. */
export const AUDIT_CUTS = 'audit cuts'
/** The entry that says what was cut off, and from which the chain is followed. */
export const CUT_ACTION = 'audit-expired'

const Digest = z.string().regex(/^[0-9a-f]{64}$/)
/** The last entry that was cut off, by its number and hash, and the moment before which all of them were written. */
const CutOff = z.strictObject({ through: z.int().positive(), hash: Digest, before: z.iso.datetime(), entries: z.int().positive() })
export type CutOff = z.output<typeof CutOff>
/** With the version of the key that marked it, which the mark covers. */
const Marked = CutOff.extend({ keyVersion: z.int().positive(), mark: Digest })
export type Cut = z.output<typeof Marked>

/**
 * Marks what the server cut off the audit log, with a key that is sealed and changes with each rotation: whoever writes into the store without it can
 * add an entry to the chain, and cannot make one that lets the chain begin later.
 */
export function createCutMarks(keys: VersionedKeys) {
  const markOf = ({ through, hash, before, entries }: CutOff, version: number, key: KeyObject) => keyedHash(key, JSON.stringify([version, through, hash, before, entries]))
  return {
    mark(cutOff: CutOff): Cut {
      const { version, key } = keys.current()
      return { ...cutOff, keyVersion: version, mark: markOf(cutOff, version, key).toString('hex') }
    },
    /** What the details of an entry say was cut off. Null where it was not this server that did so. */
    readCut(detail: string): Cut | null {
      const cut = Marked.safeParse(parseJson(detail))
      const key = cut.success ? keys.of(cut.data.keyVersion) : null
      return cut.success && key !== null && timingSafeEqual(Buffer.from(cut.data.mark, 'hex'), markOf(cut.data, cut.data.keyVersion, key)) ? cut.data : null
    },
  }
}
export type CutMarks = ReturnType<typeof createCutMarks>

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
