import { renderToStaticMarkup } from 'react-dom/server'
import { Streamdown } from 'streamdown'
import { expect, test } from 'vitest'
import { hostileMarkdown } from './hostile-markdown.fixture.ts'
import { MarkdownContext } from './markdown-context.ts'
import Markdown from './markdown.tsx'

const render = (text: string, streaming = false): string => renderToStaticMarkup(<Markdown text={text} streaming={streaming} />)

const acting = new Set(['a', 'img', 'script', 'iframe', 'object', 'embed', 'link', 'style', 'meta', 'base', 'form', 'video', 'audio', 'use', 'math', 'details'])
/** The elements and attributes in a markup that could act, load or be mistaken for the page's own. */
const misdeedsIn = (markup: string): readonly string[] =>
  [...markup.matchAll(/<([a-z0-9]+)((?:\s+[\w:-]+(?:="[^"]*")?)*)/g)].flatMap(([tag, name = '', attributes = '']) =>
    acting.has(name) || /\s(?:on\w+|href|src|srcset|srcdoc|action|formaction|poster|id|name)=/.test(attributes) ? [tag] : [])

/** Where a text is cut: everywhere would take minutes for so many, so the cuts lie a prime number of characters apart, and differently in each text. */
const cutsOf = (text: string, number: number): readonly number[] => [...Array.from({ length: text.length }, (_, at) => at).filter((at) => (at + number) % 13 === 0), text.length]

test('there are 200 texts and more, none twice', () => {
  expect(new Set(hostileMarkdown).size).toBe(hostileMarkdown.length)
  expect(hostileMarkdown.length).toBeGreaterThanOrEqual(200)
})

test.each(hostileMarkdown.map((text, number) => [text, number] as const))('nothing in %j becomes an element or an attribute that acts, whole or cut', (text, number) => {
  for (const end of cutsOf(text, number)) {
    expect(misdeedsIn(render(text.slice(0, end)))).toEqual([])
    expect(misdeedsIn(render(text.slice(0, end), true))).toEqual([])
  }
})

test('the same look finds what the reader would show without our components', () => {
  const found = hostileMarkdown.filter((text) => misdeedsIn(renderToStaticMarkup(<Streamdown mode="static">{text}</Streamdown>)).length > 0)
  expect(found.length).toBeGreaterThan(10)
})

const citations = [{ number: 1, passageId: `psg_${'0'.repeat(32)}`, documentId: `doc_${'0'.repeat(32)}`, title: 'Keys', heading: 'Making one' }]
const renderCited = (text: string): string =>
  renderToStaticMarkup(<MarkdownContext value={{ citations, onCitation: () => undefined }}><Markdown text={text} streaming={false} /></MarkdownContext>)

test('a mark with a source becomes a button, also where the model defines it as a link; one without stays text', () => {
  for (const text of ['See [1].', 'See [1].\n\n[1]: https://evil.invalid/', 'See [1][1].\n\n[1]: https://evil.invalid/']) expect(renderCited(text)).toContain('aria-label="Source 1: Keys"')
  expect(renderCited('See [1].\n\n[1]: https://evil.invalid/')).not.toContain('evil')
  expect(renderCited('See [2].')).toContain('See [2].')
  expect(renderCited('`[1]`')).not.toContain('Source')
})

test('entities are read, and headings stand below those of the page', () => {
  expect(render('# A &amp; B &copy;')).toContain('<h3 data-level="1">A &amp; B ©</h3>')
})

test('an unfinished link shows its words while it streams', () => {
  expect(render('Read [the terms](https://exam', true)).toMatch(/Read .*the terms/)
})
