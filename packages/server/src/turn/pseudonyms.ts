import { detectorTypes, type PseudonymMap } from '@sallyport/guard'
import * as z from 'zod'

const Pseudonyms = z.array(z.strictObject({ type: z.enum(detectorTypes), original: z.string(), standIn: z.string() }))

/** A conversation's pseudonyms as the store keeps them. Throws when it is not what was written. */
export const parsePseudonyms = (text: string): PseudonymMap => Pseudonyms.parse(JSON.parse(text))
