/** The nodes of mdast that matter here. Markdown of models is data: every other field is left as it came. */
interface MarkdownNode {
  type: string
  value?: string
  url?: string
  identifier?: string
  children?: MarkdownNode[]
}

const mark = /\[(\d{1,3})\]/
const text = (value: string): MarkdownNode => ({ type: 'text', value })
const citation = (number: string): MarkdownNode => ({ type: 'link', url: `#citation-${number}`, children: [text(number)] })

const splitMarks = (value: string): MarkdownNode[] =>
  value.split(mark).map((part, index) => index % 2 === 1 ? citation(part) : text(part)).filter((node) => node.value !== '')

/** `[1]` with a definition elsewhere would be a link of the model's choice: it becomes the citation that it looks like. */
const writtenReference = ({ children = [], identifier = '' }: MarkdownNode): string | null => {
  const label = children.length === 1 ? children[0]?.value ?? '' : ''
  if (!/^\d{1,3}$/.test(label)) return null
  return label === identifier ? `[${label}]` : `[${label}][${identifier}]`
}

function markIn(node: MarkdownNode): void {
  if (node.type === 'link' || node.children === undefined) return
  node.children = node.children.flatMap((child) => {
    if (child.type === 'text') return splitMarks(child.value ?? '')
    const reference = child.type === 'linkReference' ? writtenReference(child) : null
    if (reference !== null) return splitMarks(reference)
    markIn(child)
    return [child]
  })
}

/** A remark plugin: every `[1]` in running text becomes a link to `#citation-1`. Code and links stay as they are. */
export const remarkCitations = () => (tree: MarkdownNode): void => markIn(tree)

/** The number of a citation link; null for any other address. */
export const citationNumber = (href: string): number | null => {
  const digits = /^#citation-(\d{1,3})$/.exec(href)?.[1]
  return digits === undefined ? null : Number(digits)
}
