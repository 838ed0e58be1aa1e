import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { expectAccessible } from './support/accessible.ts'
import type { Journey } from './support/journey.ts'
import { ask, setUp, until, waitForAnswer } from './support/steps.ts'

const questions = ['Which lighthouse keeps the velvet kazoo?', 'Who repairs the brass bicycles of Antwerp?'] as const

/** Types into the search until it shows so many results: words are found a moment after the answer has ended. */
async function lookFor(page: Page, text: string, count: number): Promise<void> {
  const field = page.getByRole('combobox', { name: 'Words to look for' })
  await until(`${count} results stand there`, async () => {
    await field.fill('')
    await field.fill(text)
    await page.waitForTimeout(500)
    return await page.getByRole('option').count() === count
  })
}

const byKeyboard: Journey = {
  name: 'a person finds a message by a word of it with the keyboard alone, and lands where it stands',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    for (const question of questions) {
      await page.goto(server.url)
      await ask(page, question)
      await waitForAnswer(page)
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog', { name: 'Search conversations' }).waitFor()
    // The title is the first question: it is found as a conversation and as a message.
    await lookFor(page, 'lighthouses kazoo', 1)
    assert.equal(await page.locator('mark').allInnerTexts().then((all) => all.join(' ')), 'lighthouse kazoo')
    await expectAccessible(page, 'search')
    await shot(page, 'search')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Search conversations' }).waitFor({ state: 'detached' })
    await page.locator('article').getByText(questions[0]).waitFor()
    await page.keyboard.press('Control+k')
    await lookFor(page, 'bicycl', 2)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.locator('article').getByText(questions[1]).waitFor()
    await page.keyboard.press('Control+k')
    await lookFor(page, 'zeppelin', 0)
    await page.getByText('Nothing holds “zeppelin”.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Search conversations' }).waitFor({ state: 'detached' })
  },
}

const onPhone: Journey = {
  name: 'the search is reached from the menu of a phone',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
    await setUp(page, server)
    await page.getByLabel('Your question').fill(questions[0])
    await page.getByRole('button', { name: 'Send' }).click()
    await waitForAnswer(page)
    await page.getByRole('link', { name: 'New conversation' }).click()
    await page.getByRole('button', { name: 'Menu', exact: true }).click()
    await page.getByRole('button', { name: 'Search messages' }).click()
    await lookFor(page, 'kazoo lighthouse', 1)
    await shot(page, 'search-phone')
    await page.getByRole('option').first().click()
    await page.locator('article').getByText(questions[0]).waitFor()
  },
}

export const journeys: readonly Journey[] = [byKeyboard, onPhone]
