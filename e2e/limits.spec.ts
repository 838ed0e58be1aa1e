import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import type { Journey } from './support/journey.ts'
import { ask, fetchJson, openAccount, setUp, until, waitForAnswer } from './support/steps.ts'

const guest = { name: 'Bert Brisk', email: 'bert@example.org', password: 'impatient badger asks often' } as const

/** Calls the server as the page would, with its cookie; gives the status and the body. */
const post = (page: Page, path: string, body: object): Promise<{ readonly status: number; readonly body: unknown }> =>
  page.evaluate(`fetch(${JSON.stringify(path)}, { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(body))} }).then(async (response) => ({ status: response.status, body: await response.json() }))`)

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join()}`), [])
}

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
    for (let time = 0; time < 6; time += 1) await post(page, '/api/v1/chat', { text: 'Again.' })
    await openAccount(page)
    await page.getByText(/Your limits are at 50 % until .+, because of too many requests after a limit was reached/).waitFor()
    await shot(page, 'limits-lowered')
    await until('the account is banned', async () => (await post(page, '/api/v1/chat', { text: 'Again.' })).status === 403)
    await page.reload()
    await page.getByRole('alert').getByText(/This account is kept out until .+ UTC: too many requests after a limit was reached\. Wait until then, or give an operator the id ban_/).waitFor()
    await expectAccessible(page)
    await shot(page, 'banned')

    await operator.getByRole('link', { name: 'Limits', exact: true }).click()
    await operator.getByText(`Account ${guest.name}`).waitFor()
    await expectAccessible(operator)
    await shot(operator, 'bans')
    await operator.getByRole('button', { name: `Lift it for Account ${guest.name}` }).click()
    await operator.getByText('Nobody is kept out, and nobody has lower limits.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    assert.deepEqual((await fetchJson(page, '/api/v1/usage') as { readonly penalties: unknown }).penalties, [])
  },
}

export const journeys: readonly Journey[] = [limited]
