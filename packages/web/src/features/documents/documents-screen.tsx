import type { Document, ReplyOf } from '@sallyport/contract'
import { useCallback, useEffect, useRef, useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { ChoiceField } from '../../ui/field.tsx'
import { Day, Nothing, Page, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { call } from '../../wire/call.ts'
import { PageProblem } from '../../wire/problem.ts'

const longestText = 2_000_000
const collections: Readonly<Record<Document['collection'], string>> = { handbook: 'Handbook', shared: 'Shared with everyone', mine: 'Only mine' }

/** What the guard left out of a document, in words. */
const maskedWords = (masked: ReplyOf<'addDocument'>['masked']): string =>
  `not stored: ${masked.map(({ type, count }) => `${count} × ${type.replaceAll('-', ' ')}`).join(', ')}`

async function addFile(file: File, collection: 'shared' | 'mine'): Promise<ReplyOf<'addDocument'>> {
  const text = await file.text()
  const refuse = (detail: string): never => { throw new PageProblem({ code: 'unreadable-file', title: `“${file.name}” was not added`, detail }, null) }
  if (text.trim() === '') refuse('The file is empty.')
  if (text.length > longestText) refuse('It is longer than two million characters. Split it, and add its parts.')
  if (text.includes('\u0000')) refuse('It is not a text file. Add text or Markdown.')
  const mediaType = /\.(md|markdown)$/i.test(file.name) ? 'text/markdown' : 'text/plain'
  return call('addDocument', { body: { title: file.name.replace(/\.(md|markdown|txt|text)$/i, '').slice(0, 80), text, mediaType, collection } })
}

function AddDocuments({ mayShare, onAdded }: { readonly mayShare: boolean; readonly onAdded: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [collection, setCollection] = useState<'shared' | 'mine'>(mayShare ? 'shared' : 'mine')
  const [notes, setNotes] = useState<readonly string[]>([])
  const { busy, problem, run } = useAction(async (files: readonly File[]) => {
    try {
      const notes: string[] = []
      for (const file of files) {
        const { title, masked } = await addFile(file, collection)
        announce(`${title} is added.`)
        if (masked.length > 0) notes.push(`${title}: ${maskedWords(masked)}`)
      }
      setNotes(notes)
    } finally {
      onAdded()
    }
  })
  useEffect(() => {
    const allow = (event: DragEvent): void => event.preventDefault()
    const take = (event: DragEvent): void => {
      event.preventDefault()
      void run([...event.dataTransfer?.files ?? []])
    }
    addEventListener('dragover', allow)
    addEventListener('drop', take)
    return () => {
      removeEventListener('dragover', allow)
      removeEventListener('drop', take)
    }
  })
  return (
    <section aria-label="Add documents" className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-4 sm:p-5">
      <div className="flex flex-wrap items-end gap-4">
        <div className="min-w-48 flex-1">
          <ChoiceField label="Who may be answered from it" value={collection} onChange={({ target }) => setCollection(target.value === 'mine' ? 'mine' : 'shared')}>
            {mayShare && <option value="shared">Everyone here</option>}
            <option value="mine">Only I</option>
          </ChoiceField>
        </div>
        <input ref={input} type="file" multiple accept=".txt,.text,.md,.markdown,text/plain,text/markdown" className="sr-only" tabIndex={-1} aria-label="Files" onChange={({ target }) => {
          const files = [...(target.files ?? [])]
          target.value = ''
          void run(files)
        }} />
        <Button look="main" icon="plus" busy={busy} className="min-h-11" onClick={() => input.current?.click()}>{busy ? 'Adding' : 'Choose files'}</Button>
      </div>
      <p className="text-sm text-ink-soft">Text or Markdown, each up to two million characters. You can also drop them on this page.</p>
      <ProblemNotice problem={problem} />
      {notes.length > 0 && <ul role="status" className="rounded-lg bg-brass-soft px-3 py-2 text-sm text-brass">{notes.map((note) => <li key={note}>{note}</li>)}</ul>}
    </section>
  )
}

function DocumentRow({ document, mayDelete, onDeleted }: { readonly document: Document; readonly mayDelete: boolean; readonly onDeleted: () => void }) {
  const { id, title, collection, createdAt, passages } = document
  return (
    <Row>
      <RowWords>
        <p className="font-medium">{title}</p>
        <p className="text-sm text-ink-soft">{collections[collection]} · {passages} {passages === 1 ? 'passage' : 'passages'} · <Day at={createdAt} /></p>
      </RowWords>
      {mayDelete && collection !== 'handbook' && (
        <ConfirmButton label={`Delete ${title}`} title="Delete this document?" consequence={`“${title}” is no longer searched. Answers that cite it keep their text.`} verb="Delete" done="The document is deleted." onConfirm={async () => {
          await call('deleteDocument', { params: { documentId: id } })
          onDeleted()
        }} />
      )}
    </Row>
  )
}

/** Documents that answers may draw on. */
export function DocumentsScreen({ mayWrite, mayShare }: { readonly mayWrite: boolean; readonly mayShare: boolean }) {
  const load = useCallback(async (signal: AbortSignal) => {
    const items: Document[] = []
    for (let before: string | null | undefined; before !== null;) {
      const page: { items: Document[]; next: string | null } = await call('listDocuments', { query: { limit: 100, ...(before !== undefined && { before }) } }, signal)
      items.push(...page.items)
      before = page.next
    }
    return items
  }, [])
  const { value, problem, reload } = useLoaded(load)
  return (
    <Page title="Documents" purpose="The built-in assistant answers from these. Other models search them when you switch it on.">
      {mayWrite && <AddDocuments mayShare={mayShare} onAdded={reload} />}
      <ProblemNotice problem={problem} />
      {value?.length === 0 && <Nothing>No documents yet. Add a text or Markdown file, then ask about it.</Nothing>}
      {value !== null && value.length > 0 && <Rows label="Documents">{value.map((document) => <DocumentRow key={document.id} document={document} mayDelete={mayWrite} onDeleted={reload} />)}</Rows>}
    </Page>
  )
}
