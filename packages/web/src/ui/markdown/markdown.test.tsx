import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { hostileMarkdown } from './hostile-markdown.fixture.ts'
import Markdown from './markdown.tsx'

const render = (text: string, streaming = false): string => renderToStaticMarkup(<Markdown text={text} streaming={streaming} />)

test.each(hostileMarkdown)('nothing in %j becomes an element or an attribute that acts, whole or cut at any place', (text) => {
  const ends = [text.length, ...Array.from({ length: text.length }, (_, index) => index)]
  for (const end of ends) {
    for (const streaming of [false, true]) {
      const markup = render(text.slice(0, end), streaming)
      const tags = [...markup.matchAll(/<([a-z0-9]+)((?:\s+[\w:-]+(?:="[^"]*")?)*)/g)]
      for (const [, name = '', attributes = ''] of tags) {
        expect(['a', 'img', 'script', 'iframe', 'object', 'embed', 'link', 'style', 'meta', 'base', 'form', 'video', 'audio', 'use', 'math', 'details']).not.toContain(name)
        expect(attributes).not.toMatch(/\s(?:on\w+|href|src|srcset|srcdoc|action|formaction|poster|id|name)=/)
      }
    }
  }
})
