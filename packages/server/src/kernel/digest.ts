import { hash } from 'node:crypto'

/** SHA-256, for looking up random tokens of 256 bits. Never for passwords. */
export const tokenDigest = (token: string): Buffer => hash('sha256', token, 'buffer')
