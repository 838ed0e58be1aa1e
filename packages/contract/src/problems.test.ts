import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { problems } from './problems.ts'

const page = readFileSync(new URL('../../../docs/problems.md', import.meta.url), 'utf8')

test('docs/problems.md lists every problem with its status and title, and no other', () => {
  const listed = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| (.+) \|$/gm)].map(([, code, status, title]) => ({ code, status: Number(status), title }))
  expect(listed).toEqual(Object.entries(problems).map(([code, { status, title }]) => ({ code, status, title })))
})
