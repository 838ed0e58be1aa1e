import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'

type Environment = Readonly<Record<string, string | undefined>>

/** What a file adds to the environment, and what is wrong with it. With a problem it adds nothing: a wrong key never starts a server with empty values (SEC-5). */
export interface EnvironmentFile { readonly path: string | null; readonly isEncrypted: boolean; readonly values: Readonly<Record<string, string>>; readonly problems: readonly string[] }

export const ENVIRONMENT_FILE = 'SALLYPORT_ENV_FILE'
export const ENVIRONMENT_IDENTITY = 'SALLYPORT_ENV_IDENTITY'
const NAMES = ['.env', '.env.age']
const MOST_BYTES = 1_048_576
/** They say where this file is, so it cannot say them. */
const NOT_IN_IT = ['SALLYPORT_CONFIG_DIR', ENVIRONMENT_FILE, ENVIRONMENT_IDENTITY]
const AGE = 'age-encryption.org/v1\n'
const AGE_ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----'

/** The file is not as it must be; `message` is for the person who starts the server. */
class Unfit extends Error {}

/**
 * Reads the `.env` file of the configuration directory, or the one that `SALLYPORT_ENV_FILE` names. A plain one must be its owner's alone; one that
 * `age` encrypted is opened with the identity in the file that `SALLYPORT_ENV_IDENTITY` names, which must lie in another directory. Never throws for
 * what an operator can mend: that is among the problems.
 */
export async function readEnvironmentFile(configDirectory: string, environment: Environment): Promise<EnvironmentFile> {
  const named = environment[ENVIRONMENT_FILE] ?? ''
  const found = named === '' ? NAMES.map((name) => join(configDirectory, name)).filter((path) => existsSync(path)) : [resolve(named)]
  const [path] = found
  if (path === undefined) return { path: null, isEncrypted: false, values: {}, problems: [] }
  try {
    if (found.length > 1) throw new Unfit(`${found.join(' and ')}: there is one too many. Remove the one that is not meant.`)
    const bytes = readWhole(path)
    const isEncrypted = isAge(bytes)
    requireModes(path, isEncrypted)
    const text = isEncrypted ? await decrypt(path, bytes, environment) : bytes.toString('utf8')
    return { path, isEncrypted, values: valuesOf(path, text), problems: [] }
  } catch (error) {
    if (error instanceof Unfit) return { path, isEncrypted: false, values: {}, problems: [error.message] }
    throw error
  }
}

const isAge = (bytes: Buffer) => [AGE, AGE_ARMOR].some((beginning) => bytes.subarray(0, beginning.length).equals(Buffer.from(beginning)))

function readWhole(path: string): Buffer {
  try {
    if (statSync(path).size > MOST_BYTES) throw new Unfit(`${path}: it is larger than such a file may be. Name the right one in ${ENVIRONMENT_FILE}.`)
    return readFileSync(path)
  } catch (error) {
    throw error instanceof Unfit ? error : new Unfit(`${path}: it cannot be read. Make it readable for this user, or take ${ENVIRONMENT_FILE} away.`)
  }
}

function requireModes(path: string, isEncrypted: boolean): void {
  if (process.platform === 'win32') return
  const { mode } = statSync(path)
  if (!isEncrypted && (mode & 0o077) !== 0) throw new Unfit(`${path}: others can read it, and it holds secrets. Run: chmod 600 ${path}`)
  if ((mode & 0o022) !== 0) throw new Unfit(`${path}: others can write it. Run: chmod go-w ${path}`)
}

async function decrypt(path: string, bytes: Buffer, environment: Environment): Promise<string> {
  const named = environment[ENVIRONMENT_IDENTITY] ?? ''
  if (named === '') throw new Unfit(`${path}: it is encrypted. Name the file with its identity in ${ENVIRONMENT_IDENTITY}.`)
  const identityPath = resolve(named)
  if (dirname(identityPath) === dirname(path)) throw new Unfit(`${identityPath}: the key must not lie beside what it opens. Move it to another directory, and name it in ${ENVIRONMENT_IDENTITY}.`)
  const identities = readWhole(identityPath).toString('utf8').split(/\r?\n/).map((line) => line.trim()).filter((line) => /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/.test(line))
  requireModes(identityPath, false)
  if (identities.length === 0) throw new Unfit(`${identityPath}: it holds no identity, which begins with AGE-SECRET-KEY-. Name the right file in ${ENVIRONMENT_IDENTITY}.`)
  // Loaded where it is used: most servers start without it.
  const { armor, Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
    return await decrypter.decrypt(bytes.subarray(0, AGE.length).equals(Buffer.from(AGE)) ? bytes : armor.decode(bytes.toString('utf8')), 'text')
  } catch {
    throw new Unfit(`${path}: the identity in ${identityPath} does not open it, or it was altered. Name the right identity in ${ENVIRONMENT_IDENTITY}, or take a whole copy of the file.`)
  }
}

function valuesOf(path: string, text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(parseEnv(text))) if (value !== undefined) values[name] = value
  if (Object.keys(values).length === 0) throw new Unfit(`${path}: it sets nothing. Write NAME=value into it, a line each, or remove it.`)
  const foreign = NOT_IN_IT.filter((name) => name in values)
  if (foreign.length > 0) throw new Unfit(`${path}: ${foreign.join(' and ')} cannot be set in it. Set that in the environment itself.`)
  return values
}
