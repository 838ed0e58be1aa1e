import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import type { RunningServer } from './server.ts'

export const owner = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'analytical engines weave' } as const
export const handbookQuestion = 'How do I make an API key?'

/** Opens the printed link and makes the owner's account. */
export async function setUp(page: Page, { setUpLink }: Pick<RunningServer, 'setUpLink'>): Promise<void> {
  await page.goto(setUpLink)
  await page.getByLabel('Your name').fill(owner.name)
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Create the owner’s account' }).click()
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
}

export async function signIn(page: Page, password: string = owner.password): Promise<void> {
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Writes a question and sends it with Enter. */
export async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question)
  await page.keyboard.press('Enter')
}

/** The last answer, in whatever state it is. */
export const lastAnswer = (page: Page): Locator => page.locator('[data-answer]').last()

/** Waits until the last answer has ended so and is drawn as Markdown, and gives its text. */
export async function waitForAnswer(page: Page, status = 'complete'): Promise<string> {
  await page.locator(`article:last-of-type [data-answer=${status}] div.prose`).last().waitFor()
  return lastAnswer(page).innerText()
}

/** Asks the server as the page would, with its cookie. */
export async function fetchJson(page: Page, path: string): Promise<unknown> {
  return page.evaluate(`fetch(${JSON.stringify(path)}, { headers: { accept: 'application/json' } }).then((response) => response.json())`)
}

/** Waits until a condition holds, looking every 20 ms. */
export async function until(what: string, holds: () => Promise<boolean>, milliseconds = 15_000): Promise<void> {
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    if (await holds()) return
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
  assert.fail(`Waited in vain until ${what}`)
}

/** The name of what has the focus. */
export const focused = (page: Page): Promise<string> => page.evaluate(`(() => { const e = document.activeElement; return e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent || e.tagName })()`)
