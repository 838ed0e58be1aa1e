import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startSiteverify, type SiteverifyServer } from '../packages/server/src/testing/human-check.ts'
import { expectAccessible } from './support/accessible.ts'
import type { Journey } from './support/journey.ts'
import { ask, fetchJson, openAccount, setUp, signIn, until, waitForAnswer } from './support/steps.ts'

const siteSecret = 'the secret key of a site'
let service: SiteverifyServer | null = null

const guest = { name: 'Bert Brisk', email: 'bert@example.org', password: 'impatient badger asks often' } as const

/** Calls the server as the page would, with its cookie; gives the status and the body. */
const post = (page: Page, path: string, body: object): Promise<{ readonly status: number; readonly body: unknown }> =>
  page.evaluate(`fetch(${JSON.stringify(path)}, { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(body))} }).then(async (response) => ({ status: response.status, body: await response.json() }))`)

const codeOf = ({ body }: { readonly body: unknown }): string => (body as { readonly code?: string }).code ?? ''

const limited: Journey = {
  name: 'somebody runs into a limit and reads what, why and until when; an operator lifts the ban, and it acts at once',
  flags: ['--limits.turnsPerMinute', '2', '--limits.banPoints', '20'],
  run: async ({ server, visit, shot }) => {
    const { page: operator } = await visit()
    await setUp(operator, server)
    const made = await post(operator, '/api/v1/invitations', { role: 'member' })
    const { link } = made.body as { readonly link: string }

    const { page } = await visit()
    await page.goto(`${server.url}/invitation#${link.slice(link.indexOf('#') + 1)}`)
    await page.getByLabel('Your name').fill(guest.name)
    await page.getByLabel('E-mail address').fill(guest.email)
    await page.getByLabel('Password', { exact: true }).fill(guest.password)
    await page.getByRole('button', { name: 'Make my account' }).click()
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()

    // What: the limit by name and number. Until when: the seconds. And the question is not lost.
    await ask(page, 'What is a budget?')
    await waitForAnswer(page)
    await ask(page, 'What is a limit?')
    await until('two answers stand there', async () => await page.locator('[data-answer=complete]').count() === 2)
    await ask(page, 'And what is a ban?')
    await page.getByRole('alert').getByText(/An account may make 2 questions a minute\. Wait \d+ seconds, then try again\./).waitFor()
    assert.equal(await page.getByLabel('Your question').inputValue(), 'And what is a ban?')
    await shot(page, 'limit-reached')

    // Going on all the same lowers the limits, and the account page says by how much, why, and until when.
    await until('the limits are lowered', async () => {
      await post(page, '/api/v1/chat', { text: 'Again.' })
      return (await fetchJson(page, '/api/v1/usage') as { readonly penalties: readonly unknown[] }).penalties.length > 0
    })
    await openAccount(page)
    await page.getByText(/Your limits are at 50 % until .+, because of too many requests after a limit was reached/).waitFor()
    await shot(page, 'limits-lowered')
    await until('the account is banned', async () => codeOf(await post(page, '/api/v1/chat', { text: 'Again.' })) === 'banned')
    await page.reload()
    await page.getByRole('alert').getByText(/This account is kept out until .+ UTC: too many requests after a limit was reached\. Wait until then, or give an operator the id ban_/).waitFor()
    await expectAccessible(page, 'limits')
    await shot(page, 'banned')

    await operator.getByRole('link', { name: 'Limits', exact: true }).click()
    await operator.getByText(`Account ${guest.name}`).waitFor()
    await expectAccessible(operator, 'limits')
    await shot(operator, 'bans')
    await operator.getByRole('button', { name: `Lift it for Account ${guest.name}` }).click()
    await operator.getByText('Nobody is kept out, and nobody has lower limits.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    assert.deepEqual((await fetchJson(page, '/api/v1/usage') as { readonly penalties: unknown }).penalties, [])
  },
}

/** The longest time in which the page drew nothing, from now until it is asked. */
const watchFrames = (page: Page) => page.evaluate(`window.longestGap = 0; { let last = performance.now(); const look = (now) => { window.longestGap = Math.max(window.longestGap, now - last); last = now; requestAnimationFrame(look) }; requestAnimationFrame(look) }`)

const checked: Journey = {
  name: 'somebody who guessed too often is asked for a human check, which the browser makes by itself, and gets in',
  flags: ['--limits.banPoints', '100', '--limits.rates', '{"sign-in":100}', '--humanCheck.counters', '30000'],
  run: async ({ server, visit, shot }) => {
    const { page: first } = await visit()
    await setUp(first, server)

    const { page } = await visit()
    await page.goto(server.url)
    const loaded: string[] = []
    page.on('request', (request) => { loaded.push(new URL(request.url()).pathname) })
    // Who is calm sees nothing of it, and loads nothing of it.
    await signIn(page, 'a password that is wrong')
    await page.getByRole('alert').getByText('The e-mail address or the password is wrong').waitFor()
    assert.deepEqual(loaded.filter((path) => /human-check|solver/.test(path)), [])

    for (let guess = 0; guess < 9; guess += 1) await post(page, '/api/v1/session', { email: `guess${guess % 4}@example.org`, password: 'a password that is wrong' })
    await until('the address is suspicious', async () => codeOf(await post(page, '/api/v1/session', { email: 'guess@example.org', password: 'a password that is wrong' })) === 'human-check-needed')
    // An operator sees it, in a calm session behind the same address, which is asked for nothing.
    await first.getByRole('link', { name: 'Limits', exact: true }).click()
    await first.getByText(/^Limits at 20 %, and asked to show that it is no program until .+: too many wrong passwords$/).waitFor()
    await shot(first, 'human-check-operator')
    assert.equal(codeOf(await post(first, '/api/v1/conversations', {})), '')

    // The first time the work is held back, so that it cannot be done before it was looked at.
    const solver = /\/assets\/solver-/
    await page.route(solver, () => undefined)
    await signIn(page)
    const dialog = page.getByRole('dialog', { name: 'Checking that you are not a program' })
    await dialog.getByRole('progressbar', { name: 'Progress of the check' }).waitFor()
    await expectAccessible(page, 'limits')
    assert.match(await page.getByRole('log', { name: 'Announcements' }).textContent() ?? '', /Checking that you are not a program\. There is nothing for you to do\./)
    // Given up with the keyboard, it says so, and can be begun anew.
    await page.keyboard.press('Escape')
    await page.getByRole('alert').getByText('The check was not finished').waitFor()
    await page.unroute(solver)

    let workers = 0
    page.on('worker', () => { workers += 1 })
    await watchFrames(page)
    const began = performance.now()
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await dialog.waitFor()
    await shot(page, 'human-check')
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor({ timeout: 60_000 })
    console.log(`     the check took ${Math.round(performance.now() - began)} ms`)
    const gap = Number(await page.evaluate('window.longestGap'))
    assert.ok(gap < 1_000, `The page stood still for ${gap} ms.`)
    assert.ok(workers > 0, 'The work is done beside the page.')
    assert.equal(await dialog.count(), 0)
  },
}

const checkedElsewhere: Journey = {
  name: 'a human check of another service loads its script and frame where it is chosen, and only when it is asked for',
  flags: ['--limits.banPoints', '100', '--limits.rates', '{"sign-in":100}', '--humanCheck.kind', 'turnstile', '--humanCheck.siteKey', '1x00', '--humanCheck.allowPrivateAddress', 'true'],
  before: async (defer) => {
    service = await startSiteverify(siteSecret)
    defer(async () => { await service?.[Symbol.asyncDispose]() })
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-site-key-'))
    defer(async () => { rmSync(directory, { recursive: true, force: true }) })
    writeFileSync(join(directory, 'secret'), siteSecret)
    return ['--humanCheck.baseUrl', service.url, '--humanCheck.credential', `file:${join(directory, 'secret')}`]
  },
  run: async ({ server, visit, shot }) => {
    const { page: first } = await visit()
    await setUp(first, server)
    const { page } = await visit()
    const asked: string[] = []
    // The service, and nothing else that is not ours, may be reached.
    await page.route(`${service?.url ?? ''}/**`, (route) => { asked.push(new URL(route.request().url()).pathname); return route.continue() })
    await page.goto(server.url)
    for (let guess = 0; guess < 10; guess += 1) await post(page, '/api/v1/session', { email: `guess${guess % 4}@example.org`, password: 'a password that is wrong' })
    await until('the address is suspicious', async () => codeOf(await post(page, '/api/v1/session', { email: 'guess@example.org', password: 'a password that is wrong' })) === 'human-check-needed')
    assert.deepEqual(asked, [])
    await signIn(page)
    await page.getByRole('dialog', { name: 'Checking that you are not a program' }).waitFor()
    await page.frameLocator('iframe').getByText('You are a person.').waitFor()
    await shot(page, 'human-check-elsewhere')
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    assert.deepEqual(asked, ['/turnstile/v0/api.js', '/frame'])
    assert.deepEqual(service?.seen.map(({ secret, ...rest }) => ({ ...rest, isSecret: secret === siteSecret })), [{ response: '0.token-1', isSecret: true }])
  },
}

export const journeys: readonly Journey[] = [limited, checked, checkedElsewhere]
