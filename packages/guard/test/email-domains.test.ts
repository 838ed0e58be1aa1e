import { expect, test } from 'vitest'
import { createStreamGuard, inspect } from '../src/index.ts'

const emails = new Set(['email'] as const)

/** Domains whose labels hold dashes behind a dot: none of the name may stay. */
const addresses = ['zoe.quill+x@subdomain.planted-example.org', 'john@mail.my-company.com', 'a.b@eu.contoso-energy.co.uk', 'bob@srv1.acme-corp.io', 'z@mail.red-hat.org', 'x@a-b.c-d.example.net']

test.each(addresses)('%s is found whole, cut anywhere', (address) => {
  const text = `Write to ${address} now`
  expect(inspect(text, { types: emails }).map(({ start, end }) => text.slice(start, end))).toEqual([address])
  for (let cut = 0; cut <= text.length; cut += 1) {
    const guard = createStreamGuard({ actionOf: () => 'mask' })
    expect(guard.push(text.slice(0, cut)) + guard.push(text.slice(cut)) + guard.end()).toBe('Write to [EMAIL] now')
  }
})

test('a dash of the sentence ends an address', () => {
  const text = 'Ask ann@example.com-she knows'
  expect(inspect(text, { types: emails }).map(({ start, end }) => text.slice(start, end))).toEqual(['ann@example.com'])
})
