import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** Light, dark, and the width of a phone. */
const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 740 } },
] as const

const onThePage: Journey = {
  name: 'an owner makes a backup on the page, sees which one is damaged, and removes what a restore laid aside',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    const inEachLook = async (screen: string) => {
      for (const { name, colorScheme, viewport } of looks) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize(viewport)
        await expectAccessible(page, `${screen}, ${name}`)
        assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, `${screen} is not wider than the window`)
        await shot(page, `backups-${screen}-${name}`)
      }
      await page.emulateMedia({ colorScheme: 'light' })
      await page.setViewportSize(looks[0].viewport)
    }
    await page.getByRole('region', { name: 'Backups' }).getByRole('link', { name: 'See the backups' }).click()
    await page.getByText('No backup can be made yet').waitFor()
    assert.equal(await page.getByText('No backup can be made yet').count(), 1, 'the screen says it, and the banner does not say it once more')
    const make = page.getByRole('button', { name: 'Make a backup now' })
    assert.ok(await make.isDisabled(), 'nobody could open one')

    await call(page, { method: 'PUT', path: '/api/v1/backup-recipients', body: { recipients: [(await newIdentity(false)).recipient] } })
    await page.reload()
    await make.click()
    const kept = page.getByRole('list', { name: 'Backups that are kept' }).getByRole('listitem')
    await kept.first().waitFor({ timeout: 60_000 })
    await make.waitFor()
    await page.getByText('the next one is due').waitFor()
    await page.getByRole('button', { name: /^Verify/ }).click()
    await kept.getByText('read again', { exact: false }).waitFor()
    await until('it was read again', async () => !(await kept.first().innerText()).includes('not read again yet'))

    const folder = join(server.data, 'sallyport-backups')
    const file = join(folder, readdirSync(folder).find((name) => /^\d.*\.age$/.test(name)) ?? '')
    const bytes = readFileSync(file)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(file, bytes)
    await page.getByRole('button', { name: /^Verify/ }).click()
    await kept.getByText('It does not count', { exact: false }).waitFor()

    // What a restore lays aside is a folder with the files of the store.
    const laidAside = join(server.data, 'sallyport', 'former-20261101120000000_abcd')
    mkdirSync(laidAside)
    for (const name of readdirSync(join(server.data, 'sallyport')).filter((each) => each === 'store.json' || each.includes('sqlite'))) copyFileSync(join(server.data, 'sallyport', name), join(laidAside, name))
    await page.reload()
    await page.getByText('It holds 1 account', { exact: false }).waitFor()
    await inEachLook('page')
    await page.getByRole('button', { name: 'Remove former-20261101120000000_abcd' }).click()
    await page.getByRole('alertdialog').getByText('Remove this store?').waitFor()
    await inEachLook('removal')
    assert.ok(existsSync(laidAside), 'not before it is confirmed')
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('No restore has laid anything aside.').waitFor()
    assert.ok(!existsSync(laidAside))
  },
}

export const journeys: readonly Journey[] = [untilOneSucceeds, onThePage]
