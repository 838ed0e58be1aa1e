import assert from 'node:assert/strict'
import type { TOTP } from 'otpauth'
import type { Locator, Page } from 'playwright-core'
import type { Patch } from '../../packages/server/test/faults/lib/patches.ts'
import type { RunningServer } from './server.ts'

export const owner = { name: 'Ada Lovelace', email: 'ada@example.org', password: 'analytical engines weave' } as const
export const handbookQuestion = 'How do I make an API key?'

/** After a SIGUSR2 the server's clock is so far ahead: what was proved before is fresh no more. */
export const LATER_MILLISECONDS = 660_000
export const movableClock: Patch = {
  file: 'kernel/clock.ts', from: 'now: () => Date.now()',
  to: `now: (() => { let ahead = 0; process.on('SIGUSR2', () => { ahead = ${LATER_MILLISECONDS} }); return () => Date.now() + ahead })()`,
}

/** Opens the printed link and makes the owner's account. */
export async function setUp(page: Page, { setUpLink }: Pick<RunningServer, 'setUpLink'>): Promise<void> {
  await page.goto(setUpLink)
  await page.getByLabel('Your name').fill(owner.name)
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Create the owner’s account' }).click()
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
}

export async function signIn(page: Page, password: string = owner.password): Promise<void> {
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

export async function openAccount(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Your account/ }).click()
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
}

/** Adds an authenticator app on the account page, and gives it with the code that it was shown by and the recovery codes. */
export async function addApp(page: Page, shot: (name: string) => Promise<void> = async () => undefined): Promise<{ readonly app: TOTP; readonly used: string; readonly codes: readonly string[] }> {
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  await page.getByText('I cannot scan it').click()
  const seed = (await page.locator('[data-seed]').innerText()).replaceAll(' ', '')
  await shot('totp')
  const { TOTP: Totp, Secret } = await import('otpauth')
  const app: TOTP = new Totp({ secret: Secret.fromBase32(seed) })
  const used = app.generate()
  await page.getByLabel('Code from the authenticator app').fill(used)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const codes = (await page.locator('[data-once]').innerText()).split('\n').filter((line) => line !== '')
  await shot('recovery-codes')
  await page.getByRole('button', { name: 'I have kept them' }).click()
  return { app, used, codes }
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
