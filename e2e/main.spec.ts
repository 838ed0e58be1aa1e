import assert from 'node:assert/strict'
import type { Journey } from './support/journey.ts'
import { ask, fetchJson, focused, handbookQuestion, lastAnswer, owner, setUp, signIn, until, waitForAnswer } from './support/steps.ts'

/** Slow enough that a person, or a journey, can act in the middle of an answer. */
const slow = ['--library.wordMilliseconds', '60']

const newcomer: Journey = {
  name: 'a newcomer sets up, asks the handbook, watches the answer grow, opens a citation and signs out',
  flags: ['--library.wordMilliseconds', '25'],
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await page.goto(server.setUpLink)
    await page.getByLabel('Your name').waitFor()
    await shot(page, 'set-up')
    assert.equal(page.url(), `${server.url}/setup`, 'the token does not stay in the address bar')
    await setUp(page, server)
    await shot(page, 'welcome')

    await page.getByRole('button', { name: handbookQuestion }).click()
    const lengths = new Set<number>()
    await until('the text has grown five times', async () => {
      if (await page.locator('[data-answer=running]').count() > 0) lengths.add((await lastAnswer(page).innerText()).length)
      return lengths.size >= 5
    })
    await shot(page, 'streaming')
    const text = await waitForAnswer(page)
    assert.ok(Math.max(...lengths) <= text.length, 'the answer only grows')
    await shot(page, 'answer')
    assert.equal(await page.getByText(/changed instructions|change the instructions/).count(), 0, 'a passage of the handbook is not told as an attack')

    const mark = lastAnswer(page).getByRole('button', { name: /^Source 1/ }).first()
    await mark.click()
    const passage = page.getByRole('region', { name: 'The cited passage' })
    await passage.waitFor()
    await page.waitForTimeout(300)
    await shot(page, 'citation')
    assert.match(await passage.innerText(), /key/i)
    const box = await passage.boundingBox()
    assert.ok(box !== null && box.y >= 0 && box.y < 860, 'the passage is in view')
    await page.keyboard.press('Escape')
    await passage.waitFor({ state: 'detached' })
    await until('the focus is back on the citation', async () => (await focused(page)).startsWith('Source 1'))

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await shot(page, 'sign-in')
    assert.match(JSON.stringify(await fetchJson(page, '/api/v1/session')), /not-signed-in/)
    await page.goBack()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  },
}

const stopping: Journey = {
  name: 'stop ends the answer where it is, and a reload shows it so',
  flags: slow,
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await ask(page, handbookQuestion)
    await until('some words are there', async () => await page.locator('[data-answer=running]').count() > 0 && (await lastAnswer(page).innerText()).length > 40)
    await page.getByRole('button', { name: 'Stop' }).click()
    const stopped = await waitForAnswer(page, 'stopped')
    await page.getByText('You stopped this answer.').waitFor()
    await shot(page, 'stopped')
    await page.reload()
    assert.equal(await waitForAnswer(page, 'stopped'), stopped)
    await page.getByRole('button', { name: 'Ask again' }).click()
    const whole = await waitForAnswer(page)
    assert.ok(whole.length > stopped.length, 'the second answer runs to its end')
  },
}

const reloading: Journey = {
  name: 'a reload in mid-answer finds the rest, and the whole is what it would have been',
  flags: slow,
  run: async ({ server, visit }) => {
    const { page } = await visit()
    await setUp(page, server)
    await ask(page, handbookQuestion)
    await until('some words are there', async () => await page.locator('[data-answer=running]').count() > 0 && (await lastAnswer(page).innerText()).length > 40)
    await page.reload()
    await page.locator('[data-answer=running]').waitFor()
    const resumed = await waitForAnswer(page)
    await page.getByRole('link', { name: 'New conversation' }).click()
    await ask(page, handbookQuestion)
    const undisturbed = await waitForAnswer(page)
    assert.equal(resumed, undisturbed)
  },
}

const losing: Journey = {
  name: 'a connection lost in mid-answer is taken up again without a word twice or missing',
  flags: slow,
  run: async ({ server, visit }) => {
    const { page, context } = await visit()
    await setUp(page, server)
    const resumed: string[] = []
    page.on('request', (request) => { if (request.url().endsWith('/events')) resumed.push(request.headers()['last-event-id'] ?? '') })
    await ask(page, handbookQuestion)
    await until('some words are there', async () => await page.locator('[data-answer=running]').count() > 0 && (await lastAnswer(page).innerText()).length > 40)
    await context.setOffline(true)
    await page.waitForTimeout(600)
    await context.setOffline(false)
    const through = await waitForAnswer(page)
    await page.reload()
    assert.equal(await waitForAnswer(page), through, 'what was shown is what was kept')
    assert.ok(resumed.length === 0 || resumed.some((id) => /^trn_\w+:/.test(id)), 'it goes on after the last event that was seen')
  },
}

const refused: Journey = {
  name: 'a wrong password is refused in words with a request id, and a right one lets in',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, 'not the password at all')
    await page.getByRole('alert').getByText('The e-mail address or the password is wrong').waitFor()
    await page.getByText(/^Request \S{8,}/).waitFor()
    await shot(page, 'sign-in-refused')
    await page.getByLabel('Password').fill(owner.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
  },
}

const dropped: Journey = {
  name: 'a browser that drops the cookie is told so, with the mend',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await page.route('**/api/v1/setup', async (route) => {
      const response = await route.fetch()
      const headers = Object.fromEntries(Object.entries(response.headers()).filter(([name]) => name !== 'set-cookie'))
      if (route.request().method() === 'POST') await page.context().clearCookies()
      await route.fulfill({ response, headers })
      if (route.request().method() === 'POST') await page.context().clearCookies()
    })
    await page.goto(server.setUpLink)
    await page.getByLabel('Your name').fill(owner.name)
    await page.getByLabel('E-mail address').fill(owner.email)
    await page.getByLabel('Password').fill(owner.password)
    await page.route('**/api/v1/session', async (route) => { await route.continue({ headers: Object.fromEntries(Object.entries(route.request().headers()).filter(([name]) => name !== 'cookie')) }) })
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Create the owner’s account' }).click()
    await page.getByRole('heading', { name: 'The browser dropped your session' }).waitFor()
    await page.getByText(`http://127.0.0.1:${new URL(server.url).port}`).first().waitFor()
    await shot(page, 'cookie-dropped')
  },
}

const keeping: Journey = {
  name: 'conversations are renamed, found by title and deleted; answers are rated',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await ask(page, handbookQuestion)
    await waitForAnswer(page)
    await page.getByRole('link', { name: handbookQuestion }).waitFor()
    await page.getByRole('button', { name: 'Bad answer' }).click()
    await page.getByLabel('Comment').fill('It could be shorter.')
    await page.getByRole('button', { name: 'Send comment' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.reload()
    await waitForAnswer(page)
    assert.equal(await page.getByRole('button', { name: 'Bad answer' }).getAttribute('aria-pressed'), 'true')

    await page.getByRole('link', { name: 'New conversation' }).click()
    await ask(page, 'Is 4111 1111 1111 1111 kept in backups?')
    await waitForAnswer(page)
    await page.getByText('1 card number was hidden from the model').waitFor()
    await shot(page, 'notice')
    await page.getByRole('button', { name: `Actions for ${handbookQuestion}` }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByLabel('Title').fill('Schlüssel für Ada')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('link', { name: 'Schlüssel für Ada' }).waitFor()
    await page.getByLabel('Search conversations').fill('schlussel')
    assert.equal(await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').count(), 1)
    await page.getByRole('link', { name: 'Schlüssel für Ada' }).click()
    await page.getByRole('button', { name: 'Actions for Schlüssel für Ada' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await shot(page, 'delete')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    await page.getByText('No title holds “schlussel”.').waitFor()
  },
}

const keys: Journey = {
  name: 'an API key is shown once, works within its limits, and stops working when it is revoked',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name').fill('A journey')
    await page.getByRole('button', { name: 'Make key' }).click()
    const key = await page.locator('[data-once]').innerText()
    await shot(page, 'new-key')
    const use = async (): Promise<number> => (await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status
    assert.equal(await use(), 200)
    await page.getByRole('button', { name: 'I have copied it' }).click()
    await page.getByText('A journey').waitFor()
    assert.ok(!(await page.content()).includes(key), 'the key is nowhere on the page any more')
    await shot(page, 'keys')
    // Limited to reading documents, it lists no models any more; what else it had is left as it was.
    await page.getByRole('button', { name: 'Change A journey' }).click()
    const may = page.getByRole('group', { name: 'What it may do' })
    for (const label of ['Ask questions', 'Read conversations', 'List models and see what is used', 'Add and delete documents']) await may.getByLabel(label).uncheck()
    await page.getByRole('group', { name: 'Documents it may use' }).getByLabel('The handbook').uncheck()
    await page.getByLabel('Tokens in a day').fill('5000')
    await shot(page, 'change-key')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Limited: documents shared, mine · may knowledge:read · 5000 tokens a day').waitFor()
    assert.equal(await use(), 403)
    await page.getByRole('button', { name: 'Revoke A journey' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('You have no keys yet.').waitFor()
    assert.equal(await use(), 401)
  },
}

const documents: Journey = {
  name: 'an added document is answered from, and no longer once it is deleted',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await page.getByRole('link', { name: 'Documents' }).click()
    await page.getByRole('list', { name: 'Documents' }).waitFor()
    await page.getByLabel('Files').setInputFiles({ name: 'Boathouse.md', mimeType: 'text/markdown', buffer: Buffer.from('# Boathouse\n\n## Opening hours\n\nThe boathouse at Lake Quillmere opens at seven in the morning and closes at dusk.\n') })
    await page.getByText('Boathouse', { exact: true }).waitFor()
    await shot(page, 'documents')
    await page.getByRole('link', { name: 'New conversation' }).click()
    await ask(page, 'When does the boathouse at Lake Quillmere open?')
    assert.match(await waitForAnswer(page), /seven/)
    await page.getByRole('link', { name: 'Documents' }).click()
    await page.getByRole('button', { name: 'Delete Boathouse' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Boathouse', { exact: true }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'New conversation' }).click()
    await ask(page, 'When does the boathouse at Lake Quillmere open?')
    assert.doesNotMatch(await waitForAnswer(page), /seven/)
  },
}

export const journeys: readonly Journey[] = [newcomer, stopping, reloading, losing, refused, dropped, keeping, keys, documents]
