import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Journey, Visit } from './support/journey.ts'
import { addApp, LATER_MILLISECONDS, movableClock, openAccount, owner, setUp, signIn, until } from './support/steps.ts'

const guest = { name: 'Grace Hopper', email: 'grace@example.org', password: 'nanoseconds of copper wire' } as const

/** Signs the present person out and waits for the sign-in form. */
async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
}

/** Makes an invitation on the page and gives its link. */
async function invite(page: Page, role = 'Member'): Promise<string> {
  await page.getByRole('link', { name: 'People' }).click()
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  await page.getByLabel('E-mail address').fill(guest.email)
  await page.getByLabel('Role').selectOption({ label: role })
  await page.getByRole('button', { name: 'Make invitation' }).click()
  const link = await page.locator('[data-once]').innerText()
  await page.getByRole('button', { name: 'Done' }).click()
  return link
}

/** Opens an invitation's link and makes the account. */
async function accept(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Your name').fill(guest.name)
  await page.getByLabel('Password', { exact: true }).fill(guest.password)
  await page.getByRole('button', { name: 'Make my account' }).click()
  await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
}

/** An authenticator of Chromium's own that answers by itself, with the person always there (WebAuthn's virtual authenticators over CDP). */
async function addAuthenticator({ page, context }: Visit): Promise<void> {
  const client = await context.newCDPSession(page)
  await client.send('WebAuthn.enable')
  await client.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })
}

/** Passkeys need a host name: the same server under its other name. */
const byName = (url: string): string => url.replace('127.0.0.1', 'localhost')

const invitation: Journey = {
  name: 'an invited person makes an account, sees what the role allows, and is suspended and restored',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    const link = await invite(page)
    await shot(page, 'people')
    const other = await visit()
    await other.page.goto(link)
    await other.page.getByText('You are invited to join as member.').waitFor()
    await other.page.getByLabel('Password', { exact: true }).fill('password1234567')
    await other.page.getByText(/This password is (very )?weak/).waitFor()
    await shot(other.page, 'invitation')
    await accept(other.page, link)
    await other.page.getByRole('link', { name: 'API keys' }).waitFor()
    assert.equal(await other.page.getByRole('link', { name: 'People' }).count(), 0)
    const late = await visit()
    await late.page.goto(link)
    await late.page.getByRole('alert').waitFor()
    await page.reload()
    await page.getByRole('button', { name: `Manage ${guest.name}` }).click()
    await shot(page, 'manage-account')
    await page.getByRole('button', { name: 'Suspend' }).click()
    await page.getByText('This account is suspended.').waitFor()
    await other.page.reload()
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByRole('button', { name: 'Restore' }).click()
    await page.getByRole('button', { name: 'Suspend' }).waitFor()
    await other.page.getByLabel('E-mail address').fill(guest.email)
    await other.page.getByLabel('Password', { exact: true }).fill(guest.password)
    await other.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await other.page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
  },
}

const freshProof: Journey = {
  name: 'whoever proved long ago who they are is asked again, for all that the account has, and goes on',
  patches: [movableClock],
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await openAccount(page)
    const { app } = await addApp(page)
    server.signal('SIGUSR2')
    const makeKey = async (name: string): Promise<void> => {
      await page.getByRole('link', { name: 'API keys' }).click()
      await page.getByRole('button', { name: 'New key' }).click()
      await page.getByLabel('Name').fill(name)
      await page.getByRole('button', { name: 'Make key' }).click()
    }
    await makeKey('nightly')
    const question = page.getByRole('dialog', { name: 'Is it you?' })
    await question.getByLabel('Password').fill(owner.password)
    await question.getByLabel('Code from the authenticator app').fill('000000')
    await question.getByRole('button', { name: 'Go on' }).click()
    await question.getByRole('alert').waitFor()
    await shot(page, 'fresh-proof')
    await question.getByLabel('Code from the authenticator app').fill(app.generate({ timestamp: Date.now() + LATER_MILLISECONDS }))
    await question.getByRole('button', { name: 'Go on' }).click()
    await page.locator('[data-once]').waitFor()
  },
}

const authenticator: Journey = {
  name: 'an authenticator app is added, asked for at sign-in, and a recovery code stands in for it once',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await openAccount(page)
    const { app, used, codes } = await addApp(page, (name) => shot(page, name))
    assert.equal(codes.length, 10)
    await page.getByText('10 recovery codes left.').waitFor()
    await signOut(page)
    await signIn(page)
    await page.getByRole('heading', { name: 'One more proof' }).waitFor()
    await shot(page, 'second-factor')
    await page.getByLabel('Code from the authenticator app').fill(used)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await until('the next time step begins', async () => Promise.resolve(app.generate() !== used), 31_000)
    await page.getByLabel('Code from the authenticator app').fill(app.generate())
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    const recovery = codes[0] ?? ''
    for (const worked of [true, false]) {
      await signOut(page)
      await signIn(page)
      await page.getByRole('button', { name: 'Use a recovery code' }).click()
      await page.getByLabel('Recovery code').fill(recovery)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await (worked ? page.getByRole('heading', { name: 'What would you like to know?' }) : page.getByRole('alert')).waitFor()
      if (!worked) assert.equal(await page.getByRole('heading', { name: 'One more proof' }).count(), 1)
    }
  },
}

const passkey: Journey = {
  name: 'a passkey is added, finishes a sign-in, and signs in alone',
  run: async ({ server, visit, shot }) => {
    const one = await visit({ origin: byName(server.url) })
    const { page } = one
    await addAuthenticator(one)
    await setUp(page, { setUpLink: byName(server.setUpLink) })
    await openAccount(page)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByLabel('Name', { exact: true }).last().fill('This laptop')
    await page.getByRole('button', { name: 'Make the passkey' }).click()
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('This laptop', { exact: true }).waitFor()
    await shot(page, 'account')
    await signOut(page)
    await signIn(page)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    await signOut(page)
    await shot(page, 'sign-in-ways')
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
  },
}

const devices: Journey = {
  name: 'a person sees where the account is signed in, and ends the other browser at once',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    const other = await visit()
    await other.page.goto(server.url)
    await signIn(other.page)
    await other.page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    await openAccount(page)
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await page.getByRole('button', { name: 'Sign out everywhere else' }).waitFor({ state: 'detached' })
    await shot(page, 'devices')
    await other.page.reload()
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  },
}

const keyOfBefore: Journey = {
  name: 'whoever may not make keys any more still sees and revokes those of before, and is offered nothing else',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    const other = await visit()
    await accept(other.page, await invite(page))
    await openAccount(other.page)
    const section = other.page.getByRole('region', { name: 'API keys' })
    await section.getByRole('button', { name: 'New key' }).click()
    await other.page.getByLabel('Name', { exact: true }).last().fill('Old script')
    await other.page.getByRole('button', { name: 'Make key' }).click()
    const key = await other.page.locator('[data-once]').innerText()
    await other.page.getByRole('button', { name: 'I have copied it' }).click()
    await section.getByRole('button', { name: 'Rotate Old script' }).waitFor()
    await shot(other.page, 'account-keys')
    const use = async (): Promise<number> => (await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status
    await page.reload()
    await page.getByRole('button', { name: `Manage ${guest.name}` }).click()
    await page.getByLabel('Role').selectOption({ label: 'Guest' })
    await page.getByRole('button', { name: 'Change role' }).click()
    await page.getByText(`${guest.name} is Guest now.`).waitFor({ state: 'attached' })
    await other.page.goto(`${server.url}/account`)
    await section.getByText('Old script').waitFor()
    for (const name of ['New key', 'Change Old script', 'Rotate Old script']) assert.equal(await other.page.getByRole('button', { name }).count(), 0)
    await section.scrollIntoViewIfNeeded()
    await shot(other.page, 'account-keys-guest')
    assert.equal(await use(), 200)
    await section.getByRole('button', { name: 'Revoke Old script' }).click()
    const dialog = other.page.getByRole('alertdialog')
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    // While it is open, the page behind it is there for nobody.
    await dialog.waitFor({ state: 'detached' })
    await section.waitFor({ state: 'detached' })
    assert.equal(await use(), 401)
  },
}

const password: Journey = {
  name: 'a changed password works from then on, and the old one no longer does',
  run: async ({ server, visit }) => {
    const { page } = await visit()
    await setUp(page, server)
    await openAccount(page)
    const next = 'seventeen looms by candlelight'
    await page.getByLabel('Present password').fill(owner.password)
    await page.getByLabel('New password').fill(next)
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('Your password is changed.').waitFor()
    await signOut(page)
    await signIn(page)
    await page.getByRole('alert').waitFor()
    await signIn(page, next)
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
  },
}

const brokenGlass: Journey = {
  name: 'conversations are opened for a stated reason, and their owner sees who looked',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    const link = await invite(page)
    const other = await visit()
    await accept(other.page, link)
    await other.page.getByLabel('Your question').fill('Where do I keep the spare key to the lighthouse?')
    await other.page.keyboard.press('Enter')
    await other.page.locator('[data-answer=complete]').waitFor()
    await page.reload()
    await page.getByRole('button', { name: `Manage ${guest.name}` }).click()
    await page.getByRole('button', { name: 'Break the glass' }).click()
    await page.getByLabel('Reason').fill('A court has asked for this conversation.')
    await page.getByRole('button', { name: 'Open the conversations' }).click()
    await page.getByRole('list', { name: 'Conversations' }).getByRole('button').first().click()
    await page.getByRole('list', { name: 'Messages' }).getByText('spare key to the lighthouse').waitFor()
    await shot(page, 'broken-glass')
    await page.getByRole('button', { name: 'Stop reading' }).click()
    await openAccount(other.page)
    await other.page.getByText('A court has asked for this conversation.').waitFor()
    await shot(other.page, 'who-looked')
  },
}

const groups: Journey = {
  name: 'a group gives its role to its members, and takes it back when it is deleted',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    const other = await visit()
    await accept(other.page, await invite(page))
    await page.getByRole('link', { name: 'Groups' }).click()
    await page.getByRole('button', { name: 'New group' }).click()
    await page.getByLabel('Name').fill('Night shift')
    await page.getByLabel('Role that it gives').selectOption({ label: 'Operator' })
    await page.getByRole('button', { name: 'Make group' }).click()
    await page.getByRole('button', { name: 'Manage Night shift' }).click()
    await page.getByLabel('Add a member').selectOption({ label: `${guest.name} (${guest.email})` })
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('list', { name: 'Members' }).getByText(guest.name).waitFor()
    await shot(page, 'group')
    await page.getByRole('button', { name: 'Close' }).click()
    await other.page.reload()
    await other.page.getByRole('link', { name: 'Providers' }).waitFor()
    await page.getByRole('button', { name: 'Delete Night shift' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('There are no groups yet.').waitFor()
    await other.page.reload()
    await other.page.getByRole('link', { name: 'API keys' }).waitFor()
    assert.equal(await other.page.getByRole('link', { name: 'Providers' }).count(), 0)
  },
}

export const journeys: readonly Journey[] = [invitation, authenticator, freshProof, passkey, devices, keyOfBefore, password, brokenGlass, groups]
