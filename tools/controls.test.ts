import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './commands.ts'
import { reportControls } from './controls.ts'

const catalogue = readFileSync(join(root, 'docs', 'controls.md'), 'utf8')

/** The catalogue with the row of SEC-2 put in place of its own, in a tree that holds two files. */
function judge(row: string): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-controls-'))
  try {
    const text = catalogue.split('\n').map((line) => (line.startsWith('| SEC-2 |') ? row : line.replace(/^(\| [A-Z]{3}-\d+ \|.*\|) (?:met|open) \|.*$/, '$1 open | | |')))
    const files = { 'docs/controls.md': text.join('\n'), 'src/secret.ts': 'export class Secret {}\n', 'src/secret.test.ts': 'test(\'shows [secret]\', () => {})\n// a comment on nothing\n' }
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), content)
    }
    return reportControls(directory).findings.map(({ message }) => message)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test('a control that is met, with code and a named test that exist, passes', () => {
  expect(judge('| SEC-2 | a secret shows nothing | met | `src/secret.ts` | `src/secret.test.ts#shows [secret]` |')).toEqual([])
  expect(judge('| SEC-2 | a secret shows nothing | open | | |')).toEqual([])
})

test.each([
  ['a file that is gone', '| SEC-2 | x | met | `src/gone.ts` | `src/secret.test.ts` |', 'SEC-2: the file src/gone.ts does not exist'],
  ['a test file that is gone', '| SEC-2 | x | met | `src/secret.ts` | `src/gone.test.ts` |', 'SEC-2: the test file src/gone.test.ts does not exist'],
  ['a test that was renamed', '| SEC-2 | x | met | `src/secret.ts` | `src/secret.test.ts#shows nothing` |', 'SEC-2: src/secret.test.ts has no test named "shows nothing"'],
  ['words that are no test name', '| SEC-2 | x | met | `src/secret.ts` | `src/secret.test.ts#a comment on nothing` |', 'SEC-2: src/secret.test.ts has no test named "a comment on nothing"'],
  ['met without a test', '| SEC-2 | x | met | `src/secret.ts` | |', 'SEC-2: is said to be met, and no test is named'],
  ['met without code', '| SEC-2 | x | met | | `src/secret.test.ts` |', 'SEC-2: is said to be met, and no code is named'],
  ['a broken link of an open control', '| SEC-2 | x | open | `src/gone.ts` | |', 'SEC-2: the file src/gone.ts does not exist'],
  ['another state', '| SEC-2 | x | nearly | | |', 'SEC-2: the state is `met` or `open`, not "nearly"'],
  ['a lost id', '', 'SEC-2 is missing'],
  ['an id of nobody', '| SEC-99 | x | open | | |\n| SEC-2 | x | open | | |', 'SEC-99 is not in the catalogue'],
  ['an id that stands twice', '| SEC-2 | x | open | | |\n| SEC-2 | x | open | | |', 'SEC-2 stands here a second time'],
])('%s is found', (_name, row, message) => {
  expect(judge(row)).toEqual([message])
})

test('the list of this repository has all 126 controls and no broken link', () => {
  const { controls, findings } = reportControls(root)
  expect(findings).toEqual([])
  expect(controls).toHaveLength(126)
})
