import { expect, test } from 'vitest'
import { readReturn } from './provider-return.ts'

test('a problem of the catalogue is told in its own words, and nothing else that claims to be one', () => {
  expect(readReturn('problem=identity-not-linked').problem).toMatchObject({ code: 'identity-not-linked', title: 'No account goes with this identity' })
  for (const none of ['problem=<script>', 'problem=toString', 'problem=', 'x', '', 'code=identity-not-linked']) expect(readReturn(none)).toEqual({ problem: null, pending: null })
})

test('the question for a second factor is taken with what answers it, where it has the form of one', () => {
  const challenge = 'c'.repeat(43)
  expect(readReturn(`second-factor=${challenge}&factors=totp,recovery-code`).pending).toEqual({ challenge, factors: ['totp', 'recovery-code'] })
  expect(readReturn('second-factor=short&factors=totp').pending).toBeNull()
})
