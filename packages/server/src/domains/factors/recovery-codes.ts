import { randomBytes } from 'node:crypto'
import { crockfordAlphabet, toBase32 } from '../../kernel/base32.ts'
import { keyedHash, type Sealer } from '../../kernel/seal.ts'

const CODES = 10
/** 80 random bits: sixteen letters and digits. */
const CODE_BYTES = 10

/** Ten new codes, in groups of four for reading. */
export const newRecoveryCodes = (): readonly string[] =>
  Array.from({ length: CODES }, () => toBase32(randomBytes(CODE_BYTES), crockfordAlphabet).replaceAll(/.{4}(?=.)/g, '$&-'))

/**
 * What is kept of a code: a keyed hash under the account's own data key, so that a stolen table alone lets nobody try codes. Upper and
 * lower case, hyphens, and letters that look like figures come to the same.
 */
export const recoveryCodeHash = (sealer: Sealer, code: string): Buffer =>
  keyedHash(sealer.derive('recovery codes'), code.toUpperCase().replaceAll(/[ -]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1'))
