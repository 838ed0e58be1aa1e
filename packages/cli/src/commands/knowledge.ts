import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Command } from 'commander'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

const mediaTypes: Readonly<Record<string, 'text/plain' | 'text/markdown'>> = { '.md': 'text/markdown', '.markdown': 'text/markdown', '.txt': 'text/plain', '.text': 'text/plain' }

/** Documents that answers may draw on. */
export function knowledge(program: Command): void {
  const group = program.command('knowledge').description('documents that answers may draw on')
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listDocuments', { query: { limit: 100 } })
    print(json, items, () => table([['ID', 'COLLECTION', 'PASSAGES', 'TITLE'], ...items.map((document) => [document.id, document.collection, String(document.passages), document.title])]))
  }))
  group.command('add').description('add text and Markdown files, or folders of them').argument('<path...>').option('--mine', 'for the owner alone, not shared')
    .action(withClient(async ({ client, json }: Shared, paths: readonly string[], options: { readonly mine?: true }) => {
      const files = (await Promise.all(paths.map(filesIn))).flat()
      if (files.length === 0) throw new Mistake('There is no text or Markdown file (.txt, .md) there.')
      const added = []
      for (const file of files) {
        const document = await client.call('addDocument', { body: {
          title: titleOf(file), text: await readText(file), mediaType: mediaTypes[extname(file).toLowerCase()] ?? 'text/plain', collection: options.mine === true ? 'mine' : 'shared',
        } })
        added.push(document)
        if (!json) print(false, null, () => [`${added.length} of ${files.length}  ${document.title}: ${document.passages} passages${maskedWords(document.masked)}`])
      }
      if (json) print(true, added, () => [])
    }))
  group.command('remove').description('remove a document').argument('<id>').action(withClient(async ({ client, json }: Shared, documentId: string) => {
    await client.call('deleteDocument', { params: { documentId } })
    print(json, { ok: true }, () => ['Removed.'])
  }))
}

/** What was found in a document and is not stored. */
const maskedWords = (masked: readonly { readonly type: string; readonly count: number }[]): string =>
  masked.length === 0 ? '' : `; not stored: ${masked.map(({ type, count }) => `${count} × ${type}`).join(', ')}`

async function filesIn(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => { throw new Mistake(`${path}: there is no such file or folder.`) })
  if (!found.isDirectory()) {
    if (mediaTypes[extname(path).toLowerCase()] === undefined) throw new Mistake(`${path}: only text and Markdown files (.txt, .md) can be added.`)
    return [path]
  }
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && mediaTypes[extname(entry.name).toLowerCase()] !== undefined).map((entry) => join(entry.parentPath, entry.name)).toSorted()
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    throw new Mistake(`${path}: it is not UTF-8 text. Convert it, then add it again.`, { cause: error })
  }
}

const titleOf = (path: string) => basename(path, extname(path)).replaceAll(/[-_]+/g, ' ').trim().slice(0, 200) || basename(path)
