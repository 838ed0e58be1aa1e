import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { root } from './commands.ts'
import { findDependencyOffences, isGoodLicence } from './dependencies.ts'
import { findDocumentOffences, toAnchor } from './docs.ts'
import { findSecrets, scanText } from './secrets.ts'
import { describeShape, findShapeOffences, percentile } from './shape.ts'
import { readSources } from './source.ts'

const directories: string[] = []
afterEach(() => { for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true }) })

function scratch(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-judges-'))
  directories.push(directory)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  return directory
}
const messages = (findings: readonly { readonly path: string; readonly line: number; readonly message: string }[]) => findings.map(({ path, line, message }) => `${path}:${line} ${message}`)

describe('documents', () => {
  const manifest = JSON.stringify({ scripts: { start: '', check: '' } })
  const judge = (text: string, files: Readonly<Record<string, string>> = {}) => messages(findDocumentOffences(scratch({ 'package.json': manifest, 'docs/page.md': text, ...files })))

  test.each([
    ['a link to nothing', '[x](gone.md)', 'docs/page.md:1 links to docs/gone.md, which does not exist'],
    ['a heading that is not there', '[x](#gone)', 'docs/page.md:1 links to the heading #gone, which docs/page.md does not have'],
    ['a path of the repository that is not there', 'see\n`packages/server/src/gone.ts`', 'docs/page.md:2 names packages/server/src/gone.ts, which does not exist'],
    ['a pattern that finds nothing', '`packages/*/gone`', 'docs/page.md:1 names packages/*/gone, which does not exist'],
    ['a script that is not there', 'npm run gone', 'docs/page.md:1 names `npm run gone`, which package.json does not have'],
    ['npm test where there is none', 'npm test', 'docs/page.md:1 names `npm test`, which package.json does not have'],
  ])('%s is found', (_name, text, expected) => {
    expect(judge(text)).toEqual([expected])
  })

  test('what exists, what lies on the web and what is no path passes', () => {
    expect(judge('# A page, really\n[x](other.md#one-two) [y](https://example.org) [z](#a-page-really) `docs/other.md:3` `and/or` `npm run check` npm start', { 'docs/other.md': '## One two\n' })).toEqual([])
  })

  test('anchors are made as forges make them', () => {
    expect(toAnchor('Who may import whom?')).toBe('who-may-import-whom')
  })
})

describe('shape', () => {
  const judge = (path: string, text: string) => messages(findShapeOffences(readSources(scratch({ [path]: `${text}\n` }))))
  const file = 'packages/server/src/kernel/a.ts'

  test.each([
    ['a suppression without a reason', '// oxlint-disable-next-line no-await-in-loop', 'suppression without a reason'],
    ['a suppression with a reason of a word', '// oxlint-disable-next-line no-await-in-loop -- fine', 'suppression without a reason'],
    ['a suppression of everything', '/* eslint-disable */', 'switches off every rule'],
    ['a suppression of what nobody may switch off', '// oxlint-disable-next-line typescript/no-explicit-any -- the library has no types at all', 'switches off no-explicit-any'],
    ['the compiler switched off', '// @ts-ignore', 'switches the compiler off'],
    ['the environment read', 'export const home = process.env.HOME', 'reads the environment'],
    ['the environment read by index', 'export const home = process["env"]', 'reads the environment'],
    ['the environment taken apart', 'export const { env } = process', 'reads the environment'],
    ['the environment imported', 'import { env } from "node:process"\nexport const home = env', 'reads the environment'],
  ])('%s is found', (_name, text, expected) => {
    const found = judge(file, text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  test('a reasoned suppression, a test and the one reader of the environment pass', () => {
    expect(judge(file, '// oxlint-disable-next-line no-await-in-loop -- each step needs the one before')).toEqual([])
    expect(judge('packages/server/src/kernel/a.test.ts', 'export const home = process.env')).toEqual([])
    expect(judge('packages/server/src/config/load.ts', 'export const home = process.env')).toEqual([])
    expect(judge(file, 'export const text = "process.env"')).toEqual([])
  })

  test('sizes are told', () => {
    expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3)
    expect(percentile([], 0.95)).toBe(0)
    const directory = scratch({ [file]: 'export function a() {\n  return 1\n}\nexport const b = {} as object\n' })
    expect(describeShape(readSources(directory)).join('\n')).toMatch(/1 files: 4 lines at the median.*\n1 functions: 3 lines at the median.*\n.*\ncasts with `as`: 1/)
  })
})

describe('dependencies', () => {
  const row = '| `zod` | schemas | MIT | 8 MB | Colin |'
  const manifest = (version: string) => JSON.stringify({ workspaces: [], dependencies: { zod: version } })
  const lock = (entry: object) => JSON.stringify({ packages: { '': {}, 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a', license: 'MIT', ...entry } } })
  const judge = (files: Readonly<Record<string, string>>) => messages(findDependencyOffences(scratch({
    'package.json': manifest('4.6.7'), 'package-lock.json': lock({}), 'docs/dependencies.md': row, 'node_modules/zod/package.json': '{"license":"MIT"}', ...files,
  })))

  test('one that is pinned, reasoned and well licensed passes', () => {
    expect(judge({})).toEqual([])
  })
  test.each([
    ['a range', { 'package.json': manifest('^4.6.7') }, 'zod is not pinned: "^4.6.7"'],
    ['no reason', { 'docs/dependencies.md': '' }, 'zod has no line in docs/dependencies.md'],
    ['a reason for what is gone', { 'docs/dependencies.md': `${row}\n| \`left-pad\` | x | MIT | 1 kB | y |` }, 'lists left-pad, which no package.json names'],
    ['half a line', { 'docs/dependencies.md': '| `zod` | schemas | MIT | | Colin |' }, 'says too little on zod'],
    ['a licence that is not the package\'s', { 'node_modules/zod/package.json': '{"license":"GPL-3.0"}' }, 'gives zod the licence MIT, and the package says GPL-3.0'],
    ['a licence that does not fit', { 'package-lock.json': lock({ license: 'GPL-3.0-only' }) }, 'has the licence "GPL-3.0-only"'],
    ['no hash', { 'package-lock.json': lock({ integrity: undefined }) }, 'has no integrity hash'],
    ['another source', { 'package-lock.json': lock({ resolved: 'https://example.org/zod.tgz' }) }, 'comes from elsewhere'],
  ])('%s is found', (_name, files, expected) => {
    const found = judge(files)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })
  test('a choice of licences needs one that fits, a sum needs all', () => {
    expect(isGoodLicence('(GPL-2.0 OR MIT)')).toBe(true)
    expect(isGoodLicence('MIT AND GPL-2.0')).toBe(false)
  })
})

describe('secrets', () => {
  /** Put together here, so that this file holds none. */
  const token = ['ghp', `${'Zq7XkP3vN9'.repeat(3)}wT5rY2`].join('_')
  const git = (directory: string, ...args: readonly string[]) => spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: directory })

  test('a token is found and not shown, also where the text asks to be left alone', async () => {
    for (const content of [`token = "${token}"`, `// secretlint-disable\ntoken = "${token}"`]) {
      const found = messages(await scanText({ path: 'a.ts', content }))
      expect(found.join('\n')).toContain('looks like a secret (github')
      expect(found.join('\n')).not.toContain(token)
    }
    expect(await scanText({ path: 'a.ts', content: 'token = "ghp_…"' })).toEqual([])
  })

  test('what was committed once is found after it was removed; what is ignored is not read', async () => {
    const directory = scratch({ '.gitignore': 'node_modules/\n.env\n', '.env': token, 'a.ts': `export const token = "${token}"` })
    git(directory, 'init', '-q')
    git(directory, 'add', '.')
    git(directory, 'commit', '-qm', 'one')
    expect(messages(await findSecrets(directory)).filter((line) => line.startsWith('a.ts:1 '))).toHaveLength(2)
    writeFileSync(join(directory, 'a.ts'), 'export const token = 1')
    git(directory, 'commit', '-qam', 'two')
    for (let round = 0; round < 2; round += 1) expect(messages(await findSecrets(directory)).join('\n')).toMatch(/^a\.ts:1 .*in the history/)
  })

  test('the names that secrets go by are ignored by git and left out of images', () => {
    const names = ['.env', '.env.production', 'packages/server/.env.local', 'sallyport.key', 'tls/server.pem', 'store.sqlite3', 'credentials.json', 'id_ed25519', 'backup.age']
    const ignored = (name: string) => spawnSync('git', ['check-ignore', '-q', '--no-index', name], { cwd: root }).status === 0
    expect(names.filter((name) => !ignored(name))).toEqual([])
    expect(['.env.example', 'packages/server/src/kernel/secret.ts'].filter(ignored)).toEqual([])
    // An image takes nothing that is not listed, and of what is listed no such name.
    const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(lines[0]).toBe('*')
    const lastListed = lines.findLastIndex((line) => line.startsWith('!'))
    for (const pattern of ['**/.env', '**/.env.*', '**/*.key', '**/*.pem', '**/*.sqlite*']) expect(lines.lastIndexOf(pattern)).toBeGreaterThan(lastListed)
  })

  test('a clean repository has none, and a folder without one has nothing to scan', async () => {
    const directory = scratch({ 'a.ts': 'export const a = 1' })
    expect(await findSecrets(directory)).toEqual([])
    git(directory, 'init', '-q')
    git(directory, 'add', '.')
    git(directory, 'commit', '-qm', 'one')
    expect(await findSecrets(directory)).toEqual([])
  })
})
