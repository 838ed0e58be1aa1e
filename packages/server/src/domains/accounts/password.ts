import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)
/** OWASP password storage cheat sheet, argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const SALT_BYTES = 16

interface Parsed { readonly memory: number; readonly passes: number; readonly parallelism: number; readonly salt: Buffer; readonly tag: Buffer }

/** Hashes a password with argon2id (RFC 9106) into a PHC string. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await derive('argon2id', { message: password.normalize('NFKC'), nonce: salt, ...PARAMETERS })
  return `$argon2id$v=19$m=${PARAMETERS.memory},t=${PARAMETERS.passes},p=${PARAMETERS.parallelism}$${toText(salt)}$${toText(tag)}`
}

/** Checks a password in the same time whether it is right or wrong. False also for a hash of another form. */
export async function passesPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parseHash(hash)
  if (parsed === null) return false
  const { memory, passes, parallelism, salt, tag } = parsed
  const found = await derive('argon2id', { message: password.normalize('NFKC'), nonce: salt, memory, passes, parallelism, tagLength: tag.byteLength })
  return timingSafeEqual(found, tag)
}

function parseHash(hash: string): Parsed | null {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash)
  const [, memory, passes, parallelism, salt, tag] = match ?? []
  if (salt === undefined || tag === undefined) return null
  return { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism), salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') }
}

const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/(?<!=)=+$/, '')
