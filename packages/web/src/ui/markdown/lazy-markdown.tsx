import { Component, lazy, Suspense, useMemo, type ReactNode } from 'react'
import { MarkdownContext, type MarkdownReader } from './markdown-context.ts'

const load = () => import('./markdown.tsx')
const Markdown = lazy(load)
/** Fetches the Markdown reader ahead of the first answer. */
export const preloadMarkdown = (): void => { load().catch(() => undefined) }

/** Keeps a text readable whatever it does to its reader. */
class PlainInstead extends Component<{ readonly text: string; readonly children: ReactNode }, { readonly broken: boolean }> {
  override readonly state: { readonly broken: boolean } = { broken: false }

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true }
  }

  override render(): ReactNode {
    return !this.state.broken ? this.props.children : <p className="prose whitespace-pre-wrap">{this.props.text}</p>
  }
}

/** Markdown, as plain text until its reader is here. */
export function LazyMarkdown({ text, streaming = false, citations, onCitation }: MarkdownReader & { readonly text: string; readonly streaming?: boolean }) {
  const reader = useMemo(() => ({ citations, onCitation }), [citations, onCitation])
  return (
    <MarkdownContext value={reader}>
      <PlainInstead text={text}><Suspense fallback={<p className="prose whitespace-pre-wrap">{text}</p>}><Markdown text={text} streaming={streaming} /></Suspense></PlainInstead>
    </MarkdownContext>
  )
}
