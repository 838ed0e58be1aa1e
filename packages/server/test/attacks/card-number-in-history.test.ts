import { expect, test } from 'vitest'
import { storing } from '../../src/policy/guarding.ts'
import { openTestServer } from '../../src/testing/server.ts'

const CARD = '4111 1111 1111 1111'
const SSN = '219-09-9999'
const EMAIL = 'ada.lovelace@example.org'
const QUESTION = `Card ${CARD}, SSN ${SSN}, mail ${EMAIL}?`

test('card and social security numbers are in no message, title or search of their owner\'s history; what may be kept is', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai')
  const kept = async () => {
    const conversation = await owner.newConversation()
    await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: QUESTION, model: 'openai/model-a' })
    const messages = await owner.call('GET', `/api/v1/conversations/${conversation}/messages`)
    const row = await owner.call('GET', `/api/v1/conversations/${conversation}`)
    return { question: (messages.json as { items: { role: string; text: string }[] }).items.find(({ role }) => role === 'user')?.text ?? '', all: messages.text + row.text }
  }
  const first = await kept()
  expect(first.question).toBe(`Card [CARD], SSN [SSN], mail ${EMAIL}?`)
  for (const digits of [CARD, SSN, '4111', '219-09']) expect(first.all).not.toContain(digits)

  // The same by another row: not at all.
  const row = { email: storing.email }
  Object.assign(storing, { email: 'drop' })
  try {
    expect((await kept()).question).toBe('Card [CARD], SSN [SSN], mail ?')
  } finally {
    Object.assign(storing, row)
  }
})
