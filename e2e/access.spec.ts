import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { expectAccessible } from './support/accessible.ts'
import type { Journey } from './support/journey.ts'
import { ask, focused, handbookQuestion, owner, setUp, signIn, until, waitForAnswer } from './support/steps.ts'

const looks = [
  { name: 'light-desktop', colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  { name: 'dark-desktop', colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  { name: 'light-phone', colorScheme: 'light', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  { name: 'dark-phone', colorScheme: 'dark', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
] as const

/** No finding of axe, and nothing wider than the window. */
async function expectClean(page: Page, screen: string): Promise<void> {
  await expectAccessible(page, screen)
  assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, `${screen} is not wider than the window`)
}

const everyScreen = (look: (typeof looks)[number]): Journey => ({
  name: `every screen is clean under axe: ${look.name}`,
  run: async ({ server, visit, shot }) => {
    const { name, ...options } = look
    const { page } = await visit(options)
    const check = async (screen: string): Promise<void> => {
      await expectClean(page, screen)
      await shot(page, `${name}-${screen}`)
    }
    await page.goto(`${server.url}/`)
    await page.getByText('This server has no owner yet').waitFor()
    await check('set-up-closed')
    await page.goto(server.setUpLink)
    await page.reload()
    await page.goto(server.setUpLink)
    await page.getByLabel('Your name').waitFor()
    await check('set-up')
    await setUp(page, server)
    await check('welcome')
    await ask(page, handbookQuestion)
    if ('isMobile' in look) await page.getByRole('button', { name: 'Send' }).click()
    await waitForAnswer(page)
    await page.getByRole('button', { name: 'Good answer' }).waitFor()
    await check('answer')
    await page.getByRole('button', { name: /^Source 1/ }).first().click()
    await page.getByRole('region', { name: 'The cited passage' }).waitFor()
    await check('citation')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Good answer' }).click()
    await page.getByLabel('Comment').waitFor()
    await check('feedback')
    await page.keyboard.press('Escape')
    await page.getByRole('combobox', { name: 'Model' }).click()
    await page.getByRole('option').first().waitFor()
    await check('models')
    await page.keyboard.press('Escape')
    if ('isMobile' in look) {
      await page.getByRole('button', { name: 'Menu', exact: true }).click()
      await page.getByRole('link', { name: 'API keys' }).waitFor()
      await check('menu')
    }
    for (const [path, heading] of [['keys', 'API keys'], ['providers', 'Providers'], ['documents', 'Documents'], ['account', 'Your account'], ['people', 'People'], ['groups', 'Groups'], ['single-sign-on', 'Single sign-on'], ['backups', 'Backups'], ['nowhere', 'There is nothing here']] as const) {
      await page.goto(`${server.url}/${path}`)
      await page.getByRole('heading', { name: heading, exact: true }).waitFor()
      await check(path)
    }
    await page.goto(`${server.url}/keys`)
    await page.getByRole('button', { name: 'New key' }).click()
    await check('key-form')
    await page.goto(`${server.url}/providers`)
    await page.getByRole('button', { name: 'Add provider' }).click()
    await check('provider-form')
    for (const [path, button, screen] of [['people', /^Manage/, 'account-form'], ['people', 'Invite somebody', 'invitation-form'], ['groups', 'New group', 'group-form'], ['single-sign-on', 'Add provider', 'sign-on-form'], ['account', 'Add an authenticator app', 'totp-form'], ['account', 'Add a passkey', 'passkey-form']] as const) {
      await page.goto(`${server.url}/${path}`)
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('dialog').getByRole('button').nth(1).waitFor()
      await check(screen)
    }
    await page.context().clearCookies()
    for (const [path, heading] of [['forgotten', 'Forgotten password'], ['sign-up', 'Sign up'], ['invitation', 'Welcome'], ['reset', 'New password'], ['verify', 'E-mail address']] as const) {
      await page.goto(`${server.url}/${path}`)
      await page.getByRole('heading', { name: heading }).waitFor()
      await check(path)
    }
    await page.goto(`${server.url}/`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await check('sign-in')
    await signIn(page, 'not the password at all')
    await page.getByRole('alert').waitFor()
    await check('sign-in-refused')
  },
})

async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (name.test(await focused(page))) return
    await page.keyboard.press(key)
  }
  assert.fail(`Tab never reached ${name}; the focus is on ${await focused(page)}`)
}

const keyboard: Journey = {
  name: 'everything is done with the keyboard alone, and the answer is said to a screen reader',
  flags: ['--library.wordMilliseconds', '30'],
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await page.goto(server.setUpLink)
    await until('the first field has the focus', async () => /Your name/.test(await focused(page)))
    await page.keyboard.type(owner.name)
    await page.keyboard.press('Tab')
    await page.keyboard.type(owner.email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(owner.password)
    await page.keyboard.press('Enter')
    await until('the composer has the focus', async () => /Your question/.test(await focused(page)))
    await page.keyboard.type(handbookQuestion)
    await page.keyboard.press('Enter')
    const said = page.getByRole('log')
    await said.getByText('The answer is being written.').waitFor({ state: 'attached' })
    await waitForAnswer(page)
    await until('the end of the answer is said', async () => /cannot show it again/.test(await said.innerText()))
    assert.match(await focused(page), /Your question/, 'the focus stays where the next question is written')
    await tabTo(page, /^Source 1/, 'Shift+Tab')
    await shot(page, 'keyboard-focus')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'The cited passage' }).waitFor()
    await until('the focus is in the panel', async () => Boolean(await page.evaluate(`document.activeElement.closest('[role=dialog]') !== null`)))
    await page.keyboard.press('Escape')
    await until('the focus is back on the citation', async () => (await focused(page)).startsWith('Source 1'))
    await tabTo(page, /^Model|^library/i)
    await page.keyboard.press('Enter')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Escape')
    await tabTo(page, /^Actions for/, 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Rename' }).waitFor()
    await until('the menu has the focus', async () => /Rename|Delete/.test(await focused(page)))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await until('the dialog has the focus', async () => Boolean(await page.evaluate(`document.activeElement.closest('[role=dialog]') !== null`)))
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await tabTo(page, /^Sign out/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  },
}

const motion: Journey = {
  name: 'a chosen theme stays, and wins over the system',
  run: async ({ server, visit }) => {
    const { page } = await visit({ colorScheme: 'light' })
    await setUp(page, server)
    const background = (): Promise<string> => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const light = await background()
    await page.getByRole('button', { name: 'Dark theme' }).click()
    const dark = await background()
    assert.notEqual(dark, light)
    await page.reload()
    await page.getByRole('button', { name: 'Dark theme' }).waitFor()
    assert.equal(await background(), dark)
    await page.getByRole('button', { name: 'Theme of the system' }).click()
    assert.equal(await background(), light)
  },
}

export const journeys: readonly Journey[] = [...looks.map(everyScreen), keyboard, motion]
