import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandbookFile } from './handbook.ts'

/** The Markdown files of a directory, by name. Throws when it cannot be read. */
export async function readHandbook(directory: string): Promise<readonly HandbookFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.md')).toSorted()
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(directory, name), 'utf8') })))
}
