import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { newIdentity } from '../packages/server/src/ops/index.ts'
import { expectAccessible } from './support/accessible.ts'
import type { Journey } from './support/journey.ts'
import { setUp, until } from './support/steps.ts'

const call = (page: Page, { method, path, body }: { readonly method: string; readonly path: string; readonly body?: object }): Promise<unknown> =>
  page.evaluate(`fetch(${JSON.stringify(path)}, { method: ${JSON.stringify(method)}, headers: { 'content-type': 'application/json' }${body === undefined ? '' : `, body: ${JSON.stringify(JSON.stringify(body))}`} }).then((response) => response.json())`)

const untilOneSucceeds: Journey = {
  name: 'an owner is told that no backup has succeeded until one has',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    const banner = page.getByRole('region', { name: 'Backups' })
    await banner.getByText('No backup can be made yet').waitFor()
    assert.equal(await banner.locator('code').first().innerText(), 'npm run sallyport -- backup init')
    await expectAccessible(page, 'backups')
    await shot(page, 'no-backup')
    await banner.getByRole('button', { name: 'Hide the note on backups' }).click()
    await banner.waitFor({ state: 'detached' })
    await page.reload()
    await banner.waitFor()

    await call(page, { method: 'PUT', path: '/api/v1/backup-recipients', body: { recipients: [(await newIdentity(false)).recipient] } })
    await call(page, { method: 'POST', path: '/api/v1/backups' })
    await until('a backup is made', async () => {
      await page.waitForTimeout(500)
      const { items } = (await call(page, { method: 'GET', path: '/api/v1/backups' })) as { readonly items?: readonly unknown[] }
      return items?.length === 1
    }, 60_000)
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/backups'))
    await page.reload()
    await answered
    await page.getByRole('heading', { name: 'What would you like to know?' }).waitFor()
    assert.equal(await banner.count(), 0)
  },
}

export const journeys: readonly Journey[] = [untilOneSucceeds]
