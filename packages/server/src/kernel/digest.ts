import { createHash } from 'node:crypto'

/** SHA-256, for looking up random tokens of 256 bits. Never for passwords. */
export const tokenDigest = (token: string): Buffer => createHash('sha256').update(token).digest()
