import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import type { Journey } from './support/journey.ts'
import { ask, setUp, waitForAnswer } from './support/steps.ts'

const leaving = { name: 'Mary Somerville', email: 'mary@example.org', password: 'connexion of physical sciences' } as const
const QUESTION = 'Which lighthouse keeps the velvet kazoo?'

/** Makes an account by an invitation and opens it in a browser of its own. */
async function join(page: Page, guest: Page): Promise<void> {
  await page.getByRole('link', { name: 'People' }).click()
  await page.getByRole('button', { name: 'Invite somebody' }).click()
  await page.getByLabel('E-mail address').fill(leaving.email)
  await page.getByRole('button', { name: 'Make invitation' }).click()
  await guest.goto(await page.locator('[data-once]').innerText())
  await page.getByRole('button', { name: 'Done' }).click()
  await guest.getByLabel('Your name').fill(leaving.name)
  await guest.getByLabel('Password', { exact: true }).fill(leaving.password)
  await guest.getByRole('button', { name: 'Make my account' }).click()
  await guest.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
}

/** The path of what a press downloads, and its name. */
async function download(page: Page, button: string): Promise<{ readonly path: string; readonly name: string }> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()])
  return { path: await file.path(), name: file.suggestedFilename() }
}

/** One file out of a zip, by its central directory. */
function fileOf(zip: Buffer, wanted: string): string {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  let at = zip.readUInt32LE(end + 16)
  for (let index = 0; index < zip.readUInt16LE(end + 10); index += 1) {
    const [packed, nameLength, from] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42) + 30]
    if (zip.subarray(at + 46, at + 46 + nameLength).toString() === wanted) return inflateRawSync(zip.subarray(from + nameLength, from + nameLength + packed)).toString('utf8')
    at += 46 + nameLength
  }
  return assert.fail(`The zip holds no ${wanted}`)
}

const takeAndLeave: Journey = {
  name: 'a person takes along everything that is held, erases the account, and keeps a certificate that holds',
  run: async ({ server, visit, shot }) => {
    const [{ page: owner }, { page }] = [await visit(), await visit()]
    await setUp(owner, server)
    await join(owner, page)
    await ask(page, QUESTION)
    await waitForAnswer(page)
    await page.goto(`${server.url}/account`)
    await page.getByRole('button', { name: 'Make an export' }).click()
    await page.getByText('Your export is ready').waitFor()
    await page.getByRole('region', { name: 'Your data' }).scrollIntoViewIfNeeded()
    await shot(page, 'export-ready')
    const taken = await download(page, 'Download')
    assert.match(taken.name, /^sallyport-export-\d{4}-\d\d-\d\d\.zip$/)
    assert.ok(fileOf(readFileSync(taken.path), 'conversations.md').includes(QUESTION))

    const erase = page.getByRole('button', { name: 'Erase my account' })
    assert.ok(await erase.isDisabled())
    await page.getByLabel('Type your e-mail address to confirm').fill('ada@example.org')
    assert.ok(await erase.isDisabled(), 'another address than one’s own is not enough')
    await page.getByLabel('Type your e-mail address to confirm').fill(leaving.email)
    await erase.click()
    await page.getByRole('heading', { name: 'Your account is erased' }).waitFor()
    await shot(page, 'erased')
    const certificate = readFileSync((await download(page, 'Save the certificate')).path, 'utf8')
    await page.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    const check: unknown = await owner.evaluate(`fetch('/api/v1/erasures/verify', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(certificate)} }).then((response) => response.json())`)
    assert.equal((check as { readonly ok?: unknown }).ok, true, JSON.stringify(check))
  },
}

export const journeys: readonly Journey[] = [takeAndLeave]
