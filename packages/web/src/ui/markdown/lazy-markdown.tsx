import { lazy, Suspense, useMemo } from 'react'
import { MarkdownContext, type MarkdownReader } from './markdown-context.ts'

const load = () => import('./markdown.tsx')
const Markdown = lazy(load)
/** Fetches the Markdown reader ahead of the first answer. */
export const preloadMarkdown = (): void => { load().catch(() => undefined) }

/** Markdown, as plain text until its reader is here. */
export function LazyMarkdown({ text, streaming = false, citations, onCitation }: MarkdownReader & { readonly text: string; readonly streaming?: boolean }) {
  const reader = useMemo(() => ({ citations, onCitation }), [citations, onCitation])
  return (
    <MarkdownContext value={reader}>
      <Suspense fallback={<p className="prose whitespace-pre-wrap">{text}</p>}><Markdown text={text} streaming={streaming} /></Suspense>
    </MarkdownContext>
  )
}
