import type { Database } from '../../database/database.ts'
import { TOKENISER_VERSION } from '../../kernel/words/index.ts'
import { ignoreConflict, type createAccess } from './access.ts'
import { cleanText, contentLookup, documentSteps, removalSteps, type IndexDeps } from './index-document.ts'

/** A file of the handbook. `name` tells it apart from the others. */
export interface HandbookFile { readonly name: string; readonly text: string }

/**
 * Brings the handbook's collection to these files: indexes what is new, changed, or was cut by another version of the tokeniser, and takes away what is gone.
 * Costs one query where nothing changed. Safe to run in several processes at once.
 */
export async function loadHandbook(
  deps: IndexDeps & { readonly database: Database; readonly access: Pick<ReturnType<typeof createAccess>, 'ensure'> }, files: readonly HandbookFile[],
): Promise<{ readonly indexed: number; readonly removed: number }> {
  const open = await deps.access.ensure('handbook', 'handbook')
  const present = await deps.store.sourced(open.collection.id)
  const wanted = files.map(({ name, text }) => ({ title: titleOf(name, text), text: cleanText(text), mediaType: 'text/markdown' as const, source: name }))
  const outdated = present.filter(({ source, content_lookup: lookup, tokeniser }) => {
    const document = wanted.find((one) => one.source === source)
    return document === undefined || tokeniser !== TOKENISER_VERSION || !Buffer.from(contentLookup(open, document)).equals(lookup)
  })
  const current = new Set(present.filter((document) => !outdated.includes(document)).map(({ source }) => source))
  const missing = wanted.filter(({ source }) => !current.has(source))
  const removals = async (source: string | null) =>
    (await Promise.all(outdated.filter((document) => document.source === source).map(({ id }) => removalSteps(deps, { id, collection_id: open.collection.id })))).flat()

  for (const document of missing) {
    const removed = await removals(document.source)
    await deps.database.write([...removed, ...(await documentSteps(deps, open, document)).steps]).catch(ignoreConflict)
  }
  const gone = outdated.filter(({ source }) => !wanted.some((document) => document.source === source))
  for (const { source } of gone) await deps.database.write(await removals(source)).catch(ignoreConflict)
  return { indexed: missing.length, removed: gone.length }
}

/** The first heading is the title. */
const titleOf = (name: string, text: string): string => /^#[ \t]+(.+?)[ \t#]*$/m.exec(text)?.[1] ?? name.replace(/\.[^.]+$/, '')
