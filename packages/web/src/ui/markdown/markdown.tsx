import { cloneElement, isValidElement, useContext, type ComponentProps, type ReactNode } from 'react'
import { defaultRemarkPlugins, Streamdown } from 'streamdown'
import { Icon } from '../icon.tsx'
import { offeredAddress } from './addresses.ts'
import { citationNumber, remarkCitations } from './citations.ts'
import { CodeBlock } from './code-block.tsx'
import { MarkdownContext } from './markdown-context.ts'
import { OutboundLink } from './outbound-link.tsx'

type Components = NonNullable<ComponentProps<typeof Streamdown>['components']>
interface Content { readonly children?: ReactNode; readonly node?: unknown }

/** An element that keeps its content and none of the attributes that the text asked for. */
const bare = (Tag: 'p' | 'strong' | 'em' | 'del' | 'ul' | 'blockquote' | 'thead' | 'tbody' | 'tr' | 'sup' | 'section') =>
  function Bare({ children }: Content) { return <Tag>{children}</Tag> }
/** A model's headings stand below the page's own. */
const heading = (Tag: 'h3' | 'h4' | 'h5' | 'h6', level: number) =>
  function Heading({ children }: Content) { return <Tag data-level={level}>{children}</Tag> }
const cell = (Tag: 'th' | 'td') =>
  function Cell({ children, style }: Content & { readonly style?: { readonly textAlign?: unknown } | undefined }) {
    return <Tag style={{ textAlign: style?.textAlign === 'right' || style?.textAlign === 'center' ? style.textAlign : undefined }}>{children}</Tag>
  }

function CitationMark({ number, children }: Content & { readonly number: number }) {
  const { citations, onCitation } = useContext(MarkdownContext)
  const citation = citations.find((one) => one.number === number)
  if (citation === undefined) return <>[{children}]</>
  return (
    <button type="button" onClick={() => onCitation(citation)} aria-label={`Source ${number}: ${citation.title}`} title={`${citation.title} · ${citation.heading}`} className="mr-0.5 inline-flex h-5 min-w-5 cursor-pointer items-center justify-center rounded-md bg-gate-soft px-1 align-[0.1em] text-xs font-semibold text-gate tabular-nums hover:bg-gate hover:text-on-gate">
      {number}
    </button>
  )
}

function ModelLink({ href = '', children }: Content & { readonly href?: string | undefined }) {
  const number = citationNumber(href)
  if (number !== null) return <CitationMark number={number}>{children}</CitationMark>
  const address = offeredAddress(href)
  if (address !== null) return <OutboundLink address={address}>{children}</OutboundLink>
  // Footnotes point within the answer; their way back is an arrow that leads nowhere here.
  if (href.startsWith('#')) return href.startsWith('#user-content-fnref') ? null : <>{children}</>
  return <>{children}{href !== '' && !href.startsWith('streamdown:') && ` (${href})`}</>
}

/** A picture is never fetched: a picture's address can carry a conversation away without a click. */
function ModelImage({ src, alt = '' }: Content & { readonly src?: unknown; readonly alt?: string | undefined }) {
  const address = typeof src === 'string' ? offeredAddress(src) : null
  const words = alt === '' ? 'Picture' : alt
  const look = 'inline-flex max-w-full items-center gap-2 rounded-lg border border-dashed border-line-strong px-2.5 py-1 text-left text-sm text-ink-soft'
  if (address === null) return <span className={look}><Icon name="image" />{words}</span>
  return <OutboundLink address={address} className={`${look} cursor-pointer hover:border-gate hover:text-gate`}><Icon name="image" /><span>{words} (picture at {address.host}, not loaded)</span></OutboundLink>
}

const textOf = (node: ReactNode): string => typeof node === 'string' ? node : Array.isArray(node) ? node.map(textOf).join('') : ''

function Code({ children, className, ...rest }: Content & { readonly className?: string | undefined }) {
  if (!('data-block' in rest)) return <code>{children}</code>
  return <CodeBlock code={textOf(children).replace(/\n$/, '')} language={/language-([\w+#-]{1,30})/.exec(className ?? '')?.[1] ?? ''} />
}

const components: Components = {
  p: bare('p'), strong: bare('strong'), em: bare('em'), del: bare('del'), ul: bare('ul'), blockquote: bare('blockquote'),
  thead: bare('thead'), tbody: bare('tbody'), tr: bare('tr'), sup: bare('sup'), section: bare('section'),
  h1: heading('h3', 1), h2: heading('h4', 2), h3: heading('h5', 3), h4: heading('h6', 4), h5: heading('h6', 4), h6: heading('h6', 4),
  ol: ({ children, start }: Content & { readonly start?: number | undefined }) => <ol start={start}>{children}</ol>,
  li: ({ children }: Content) => <li>{children}</li>,
  hr: () => <hr />,
  input: ({ checked }: Content & { readonly checked?: boolean | undefined }) => <input type="checkbox" checked={checked === true} disabled readOnly aria-label={checked === true ? 'Done' : 'To do'} className="mr-2 accent-gate" />,
  table: ({ children }: Content) => <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Table"><table>{children}</table></div>,
  th: cell('th'), td: cell('td'),
  a: ModelLink, img: ModelImage, code: Code,
  pre: ({ children }: Content) => isValidElement<{ 'data-block'?: boolean }>(children) ? cloneElement(children, { 'data-block': true }) : <>{children}</>,
}

const remarkPlugins = [...Object.values(defaultRemarkPlugins), remarkCitations]
// Without rehype-raw, Streamdown shows HTML as the text that it is.
const rehypePlugins: [] = []

/** Markdown of a model or a document. It can show text, and nothing else: no HTML, no picture, no link that opens by itself. */
export default function Markdown({ text, streaming }: { readonly text: string; readonly streaming: boolean }) {
  return (
    <Streamdown className="prose" components={components} remarkPlugins={remarkPlugins} rehypePlugins={rehypePlugins} controls={false} linkSafety={{ enabled: false }} mode={streaming ? 'streaming' : 'static'} parseIncompleteMarkdown={streaming} isAnimating={streaming}>
      {text}
    </Streamdown>
  )
}
