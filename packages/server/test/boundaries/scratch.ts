import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../../../../tools/commands.ts'

/** A house of a test's own: the packages' names and the lint's configuration are the real ones, the files are the test's. */
export function makeScratch(files: Readonly<Record<string, string>>): Disposable & { readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-house-'))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  for (const name of ['contract', 'guard', 'server', 'web', 'cli']) cpSync(join(root, 'packages', name, 'package.json'), join(directory, 'packages', name, 'package.json'))
  cpSync(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'))
  for (const [path, text] of Object.entries(files)) put(path, text)
  return { directory, [Symbol.dispose]: () => { rmSync(directory, { recursive: true, force: true }) } }
}
