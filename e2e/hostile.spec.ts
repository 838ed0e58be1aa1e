import assert from 'node:assert/strict'
import { evil, hostileMarkdown } from '../packages/web/src/ui/markdown/hostile-markdown.fixture.ts'
import type { Journey } from './support/journey.ts'
import { addVendor, chooseModel, startVendor } from './provider.spec.ts'
import { ask, setUp, waitForAnswer } from './support/steps.ts'

/** Cut into pieces that split tags and addresses, as streams do. */
const inPieces = (text: string): readonly string[] => text.match(/[\s\S]{1,7}/g) ?? []

const output: Journey = {
  name: 'a hostile model runs no script, sends no request to another origin and violates no policy, streamed and reloaded',
  run: async (stage) => {
    const { server, visit, shot } = stage
    const vendor = await startVendor(stage, { models: ['granite-large'], script: { text: inPieces(hostileMarkdown.join('\n\n')) }, paceMilliseconds: 1 })
    const { page, watch } = await visit()
    await setUp(page, server)
    await addVendor(page, vendor)
    await chooseModel(page, /granite-large/)
    const hostileQuestion = `<img src=x onerror=executed(1)> ![q](${evil}/q.png) [x](javascript:executed(1))`
    await ask(page, hostileQuestion)
    const text = await waitForAnswer(page)
    assert.ok(text.includes('<script>executed(1)</script>'), 'HTML is shown as the text that it is')
    const forbidden = page.locator('article').locator('img, script, iframe, object, embed, link, style, meta, base, form, video, audio, a, use, math, [onerror], [onload], [style*="url"]')
    assert.equal(await forbidden.count(), 0, 'the answer holds no element that could act')
    assert.ok(await page.getByRole('button', { name: /a picture/ }).first().isVisible(), 'a picture is named, not fetched')
    for (const button of await page.locator('article button').all()) await button.hover({ force: true })
    await shot(page, 'hostile')
    await page.reload()
    await waitForAnswer(page)
    assert.equal(await forbidden.count(), 0)
    assert.ok((await page.locator('article').first().innerText()).includes(hostileQuestion), 'a question is shown as it was written')
    assert.deepEqual({ offOrigin: watch.offOrigin, executions: watch.executions, violations: watch.violations }, { offOrigin: [], executions: [], violations: [] })
  },
}

const links: Journey = {
  name: 'a link of a model opens only after a question that shows the whole address',
  run: async (stage) => {
    const { server, visit, shot } = stage
    const address = `${evil}/collect?conversation=all-of-it`
    const vendor = await startVendor(stage, { models: ['granite-large'], script: { text: [`Read [our terms](${address}), or [not this](javascript:executed(1)).`] } })
    const { page, watch, context } = await visit({ unclean: true })
    await setUp(page, server)
    await addVendor(page, vendor)
    await chooseModel(page, /granite-large/)
    await ask(page, 'Where are the terms?')
    await waitForAnswer(page)
    assert.equal(await page.getByRole('button', { name: 'not this' }).count(), 0)
    const link = page.getByRole('button', { name: 'our terms' })
    await link.click({ button: 'middle' })
    await link.click({ modifiers: ['Control'] })
    const question = page.getByRole('alertdialog')
    await question.getByText(address).waitFor()
    await shot(page, 'link')
    await question.getByRole('button', { name: 'Stay here' }).click()
    await question.waitFor({ state: 'detached' })
    assert.deepEqual(watch.offOrigin, [], 'nothing left before the answer was yes')
    await link.click()
    const opened = context.waitForEvent('page')
    await question.getByRole('link', { name: 'Open it' }).click()
    const other = await opened
    await other.waitForLoadState().catch(() => undefined)
    assert.deepEqual(watch.offOrigin, [address])
    assert.equal(await other.evaluate('window.opener').catch(() => null), null)
    assert.deepEqual({ violations: watch.violations, executions: watch.executions }, { violations: [], executions: [] })
  },
}

const control: Journey = {
  name: 'the watch catches what it is there to catch: a page that violates the policy, and one without a policy that leaks',
  run: async ({ server, visit }) => {
    const { page, watch } = await visit({ unclean: true })
    const real = (await fetch(server.url)).headers.get('content-security-policy') ?? ''
    assert.match(real, /require-trusted-types-for 'script'/)
    assert.doesNotMatch(real, /unsafe-/)
    const nonce = /'nonce-([^']+)'/.exec(real)?.[1] ?? ''
    const body = `<!doctype html><body><p id=p></p><script>executed('inline')</script><img src=x onerror="executed('attribute')"><img src="${evil}/x.png"><p style="color:red">x</p><script nonce="${nonce}">try { p.innerHTML = '<b>x</b>' } catch {} try { eval('executed("eval")') } catch {} fetch('${evil}/f').catch(() => 0)</script>`
    await page.route('**/guarded', (route) => route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': real }, body }))
    await page.route('**/unguarded', (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.goto(`${server.url}/guarded`)
    await page.waitForTimeout(500)
    for (const directive of ['script-src-elem', 'script-src-attr', 'style-src-attr', 'img-src', 'connect-src', 'require-trusted-types-for']) {
      assert.ok(watch.violations.some((text) => text.includes(directive)), `a violation of ${directive} is seen`)
    }
    assert.deepEqual(watch.executions, [], 'the policy holds even a page that is all holes')
    await page.goto(`${server.url}/unguarded`)
    await page.waitForTimeout(500)
    assert.deepEqual(watch.executions.toSorted(), ['attribute', 'eval', 'inline'])
    assert.ok(watch.offOrigin.some((url) => url.endsWith('/x.png')) && watch.offOrigin.some((url) => url.endsWith('/f')))
  },
}

export const journeys: readonly Journey[] = [output, links, control]
