import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { figureOf, median, type Figure } from './figure.ts'

const repository = new URL('../../', import.meta.url)
const Package = z.object({ version: z.string() })

/** The version in a package's own `package.json`, from the root's `node_modules` or from a folder given. */
export const versionOf = (name: string, from: URL = new URL('node_modules/', repository)): string =>
  Package.parse(JSON.parse(readFileSync(new URL(`${name}/package.json`, from), 'utf8'))).version

/** Microseconds of one HMAC-SHA-256 of 64 bytes with a cached key: the yardstick for this machine's processor. */
const hmacMicroseconds = (): number => {
  const key = createSecretKey(randomBytes(32))
  const text = randomBytes(64)
  const rounds: number[] = []
  for (let round = 0; round < 7; round += 1) {
    const started = process.hrtime.bigint()
    for (let i = 0; i < 5_000; i += 1) createHmac('sha256', key).update(text).digest()
    rounds.push(Number(process.hrtime.bigint() - started) / 5_000 / 1_000)
  }
  return median(rounds)
}

/** Microseconds of one 4 KB append and fsync where temporary files lie: the yardstick for this machine's disk. */
const fsyncMicroseconds = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  const file = openSync(join(folder, 'fsync'), 'a')
  try {
    const page = randomBytes(4_096)
    return median(Array.from({ length: 60 }, () => {
      const started = process.hrtime.bigint()
      writeSync(file, page)
      fsyncSync(file)
      return Number(process.hrtime.bigint() - started) / 1_000
    }))
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface Machine { readonly line: string; readonly versions: Readonly<Record<string, string>>; readonly figures: readonly Figure[] }

/** What the figures were taken on, with the two yardsticks. Takes about a tenth of a second. */
export const describeMachine = (): Machine => {
  const versions = {
    node: process.versions.node, v8: process.versions.v8, openssl: process.versions.openssl, os: `${platform()} ${release()} ${arch()}`,
    fastify: versionOf('fastify'), undici: versionOf('undici'), zod: versionOf('zod'),
  }
  const model = cpus()[0]?.model ?? 'unknown processor'
  return {
    versions,
    line: `${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}; ${availableParallelism()} cores (${model}), load ${loadavg()[0]?.toFixed(2)}`,
    figures: [
      figureOf({ id: 'machine.cores', value: availableParallelism(), unit: 'cores', bound: null, samples: '1' }),
      figureOf({ id: 'machine.hmac', value: hmacMicroseconds(), unit: 'µs', bound: null, samples: 'median of 7 × 5,000' }),
      figureOf({ id: 'machine.fsync', value: fsyncMicroseconds(), unit: 'µs', bound: null, samples: 'median of 60' }),
    ],
  }
}
