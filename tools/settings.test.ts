import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './commands.ts'
import { findStaleReferences } from './settings.ts'

const PAGE = 'docs/handbook/configuration.md'

test('a reference or an example file that does not say what the schema says is found', () => {
  const copy = mkdtempSync(join(tmpdir(), 'sallyport-settings-'))
  try {
    mkdirSync(join(copy, 'docs/handbook'), { recursive: true })
    for (const path of [PAGE, '.env.example']) cpSync(join(root, path), join(copy, path))
    expect(findStaleReferences(copy)).toEqual([])
    for (const [path, from, to] of [[PAGE, '100 to 100000', '100 to 1000000'], ['.env.example', '# SALLYPORT_HTTP_PORT=8080\n', '']] as const) {
      const text = readFileSync(join(copy, path), 'utf8')
      expect(text).toContain(from)
      writeFileSync(join(copy, path), text.replace(from, to))
      expect(findStaleReferences(copy).map((finding) => finding.path)).toEqual([path])
      writeFileSync(join(copy, path), text)
    }
    rmSync(join(copy, '.env.example'))
    expect(findStaleReferences(copy).map((finding) => finding.path)).toEqual(['.env.example'])
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
