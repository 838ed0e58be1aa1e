import assert from 'node:assert/strict'
import { expectAccessible } from './support/accessible.ts'
import type { Journey } from './support/journey.ts'
import { ask, setUp, waitForAnswer } from './support/steps.ts'

const questions = ['Which lighthouse keeps the velvet kazoo?', 'Who repairs the brass bicycles of Antwerp?'] as const
const SENTENCE = 'This message cannot be read: it was damaged in the store.'

/** The history as it comes, and what becomes of the first question and the first answer where their rows were damaged. */
interface History { readonly items: { text: string; unreadable?: string[] }[] }

const damaged: Journey = {
  name: 'a message that cannot be read says so in its place, cannot be copied, rated or asked again, and all others stand as before',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    for (const question of questions) {
      await ask(page, question)
      await waitForAnswer(page)
    }
    await page.reload()
    await page.getByText(questions[1]).first().waitFor()
    assert.equal(await page.getByText(SENTENCE).count(), 0, 'the control: nothing is damaged')
    const copies = await page.getByRole('button', { name: 'Copy answer' }).count()
    await page.route('**/api/v1/conversations/*/messages*', async (route) => {
      const response = await route.fetch()
      const { items, ...page } = await response.json() as History
      await route.fulfill({ response, json: { ...page, items: items.map((item, at) => (at < 2 ? { ...item, text: SENTENCE, unreadable: ['text'] } : item)) } })
    })
    await page.reload()
    await page.getByText(SENTENCE).first().waitFor()
    assert.equal(await page.getByText(SENTENCE).count(), 2)
    await page.locator('article').getByText(questions[1]).waitFor()
    await page.getByRole('button', { name: 'Copy answer' }).first().waitFor()
    assert.equal(await page.getByRole('button', { name: 'Copy answer' }).count(), copies - 1)
    await expectAccessible(page, 'damaged')
    await shot(page, 'damaged')
  },
}

export const journeys: readonly Journey[] = [damaged]
