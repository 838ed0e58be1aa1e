import type { Citation } from '@sallyport/contract'
import { createContext } from 'react'

export interface MarkdownReader {
  readonly citations: readonly Citation[]
  readonly onCitation: (citation: Citation) => void
}
/** Who reads a Markdown text, and what it may cite. */
export const MarkdownContext = createContext<MarkdownReader>({ citations: [], onCitation: () => undefined })
