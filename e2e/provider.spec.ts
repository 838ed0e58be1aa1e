import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { HONEST, startHookVendor, type HookVendor } from '../packages/server/src/testing/hook-vendor.ts'
import { startVendorServer, type VendorScenario, type VendorServer } from '../packages/server/src/testing/vendor-server.ts'
import { expectAccessible } from './support/accessible.ts'
import type { Journey, Stage } from './support/journey.ts'
import { ask, setUp, waitForAnswer } from './support/steps.ts'

const credential = 'vendor-key-0123456789abcdef'

/** A local model server that speaks OpenAI's wire, ended with the journey. */
export async function startVendor({ defer }: Pick<Stage, 'defer'>, scenario: VendorScenario): Promise<VendorServer> {
  const vendor = await startVendorServer('openai-compatible', { credential, ...scenario })
  defer(() => vendor.close())
  return vendor
}

/** Adds the vendor on the page as an administrator would. */
export async function addVendor(page: Page, { baseUrl }: Pick<VendorServer, 'baseUrl'>): Promise<void> {
  await page.getByRole('link', { name: 'Providers' }).click()
  await page.getByRole('button', { name: 'Add provider' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Kind').selectOption('openai-compatible')
  await form.getByLabel('Name').fill('workshop')
  await form.getByRole('textbox', { name: 'API key' }).fill(credential)
  await form.getByLabel('Base address').fill(baseUrl)
  await form.getByLabel('It runs on this machine or in a private network').check()
  await form.getByRole('button', { name: 'Add provider' }).click()
  await page.getByRole('list', { name: 'Providers' }).getByText('workshop', { exact: true }).waitFor()
}

/** Begins a conversation with one of the vendor's models. */
export async function chooseModel(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('link', { name: 'New conversation' }).click()
  await page.getByRole('combobox', { name: 'Model' }).click()
  await page.getByRole('option', { name }).click()
}

const adding: Journey = {
  name: 'a provider is added on the page, its model is chosen and answers; its key is never shown; it can be removed',
  run: async (stage) => {
    const { server, visit, shot } = stage
    const vendor = await startVendor(stage, { models: ['granite-large', 'granite-small'], paceMilliseconds: 15 })
    const { page } = await visit()
    await setUp(page, server)
    await page.getByRole('link', { name: 'Providers' }).click()
    await page.getByRole('button', { name: 'Add provider' }).click()
    await page.getByRole('dialog').waitFor()
    await shot(page, 'provider-form')
    await page.keyboard.press('Escape')
    await addVendor(page, vendor)
    await shot(page, 'providers')
    assert.ok(!(await page.content()).includes(credential), 'the key is not on the page')
    await chooseModel(page, /granite-large/)
    await ask(page, 'My address is ada@example.org. Say **hello**.')
    const answer = await waitForAnswer(page)
    await page.getByText('1 e-mail address was replaced by a stand-in for the model').waitFor()
    await shot(page, 'provider-answer')
    assert.match(answer, /You said: My address is ada@example\.org/, 'its owner gets the address back')
    const asked = vendor.requests.findLast(({ path }) => path.endsWith('/chat/completions'))
    assert.equal(asked?.model, 'granite-large')
    assert.ok(!JSON.stringify(asked.body).includes('ada@example.org'), 'the address did not leave')
    await page.getByRole('link', { name: 'Providers' }).click()
    await page.getByRole('button', { name: 'Remove workshop' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('list', { name: 'Providers' }).getByText('workshop', { exact: true }).waitFor({ state: 'detached' })
  },
}

const replacing: Journey = {
  name: 'a provider’s key is replaced and one stands by; when the provider refuses the one in use, nobody notices, and the list says so',
  run: async (stage) => {
    const { server, visit, shot } = stage
    let taken = credential
    const vendor = await startVendorServer('openai-compatible', { get credential() { return taken }, models: ['granite-large'] })
    stage.defer(() => vendor.close())
    const { page } = await visit()
    await setUp(page, server)
    await addVendor(page, vendor)
    await page.getByRole('button', { name: 'Keys of workshop' }).click()
    const sheet = page.getByRole('dialog', { name: 'Keys of workshop' })
    await sheet.getByText('No other key stands by.').waitFor()
    await sheet.getByLabel('New key').fill('next-key-0123456789abcdef')
    await sheet.getByRole('button', { name: 'Add key' }).click()
    await sheet.getByRole('alert').waitFor()
    taken = 'next-key-0123456789abcdef'
    await sheet.getByRole('button', { name: 'Add key' }).click()
    await sheet.getByText('stands by', { exact: true }).waitFor()
    await expectAccessible(page, 'provider')
    await page.keyboard.press('Escape')
    await chooseModel(page, /granite-large/)
    await ask(page, 'Say hello.')
    assert.match(await waitForAnswer(page), /You said: Say hello/)
    await page.getByRole('link', { name: 'Providers' }).click()
    await page.getByRole('button', { name: 'Keys of workshop' }).click()
    await sheet.getByText('replaced, can be put back for a week').waitFor()
    await shot(page, 'provider-keys')
    assert.ok(!(await page.content()).includes('next-key-0123456789abcdef'), 'the key is not on the page')
    await sheet.getByRole('button', { name: 'Destroy version 1' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click()
    await sheet.getByText('destroyed', { exact: true }).waitFor()
  },
}

const failing: Journey = {
  name: 'a provider that refuses the key, and one that fails in mid-answer, are told in words',
  run: async (stage) => {
    const { server, visit, shot } = stage
    let day: 'error-midway' | 'unauthorised' | null = 'unauthorised'
    const vendor = await startVendor(stage, { models: ['granite-large'], day: () => day })
    const { page } = await visit()
    await setUp(page, server)
    await page.getByRole('link', { name: 'Providers' }).click()
    await page.getByRole('button', { name: 'Add provider' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Kind').selectOption('openai-compatible')
    await form.getByRole('textbox', { name: 'API key' }).fill('a-wrong-key-0123456789')
    await form.getByLabel('Base address').fill(vendor.baseUrl)
    await form.getByLabel('It runs on this machine').check()
    await form.getByRole('button', { name: 'Add provider' }).click()
    await form.getByRole('alert').waitFor()
    await shot(page, 'provider-refused')
    assert.doesNotMatch(await form.getByRole('alert').innerText(), /a-wrong-key/)
    await page.keyboard.press('Escape')
    day = null
    await addVendor(page, vendor)
    await chooseModel(page, /granite-large/)
    day = 'error-midway'
    await ask(page, 'Tell me a story that goes on for a while')
    await page.getByRole('alert').waitFor()
    await shot(page, 'provider-failed')
    day = null
    await page.getByRole('button', { name: 'Ask again' }).first().click()
    assert.match(await waitForAnswer(page), /You said/)
  },
}

/** The vendor of the journey below, which must stand before its server does. */
let hooked: HookVendor | null = null

const replacedByProgram: Journey = {
  name: 'a program makes a provider’s key when somebody asks for it; when it fails, the page says why and the former key stays',
  before: async (defer) => {
    const at = await startHookVendor(credential)
    hooked = at
    defer(async () => { await at[Symbol.asyncDispose]() })
    return ['--secrets.rotationHooks', JSON.stringify({ workshop: { origin: new URL(at.vendor.baseUrl).origin, command: [await at.program('rotate', HONEST)] } })]
  },
  run: async ({ server, visit, shot }) => {
    assert.ok(hooked !== null)
    const { page } = await visit()
    await setUp(page, server)
    await addVendor(page, hooked.vendor)
    await page.getByRole('button', { name: 'Keys of workshop' }).click()
    const sheet = page.getByRole('dialog', { name: 'Keys of workshop' })
    await sheet.getByRole('button', { name: 'Make a new key now' }).click()
    await sheet.getByText('replaced, can be put back for a week').waitFor()
    await sheet.getByText('Version 2').waitFor()
    const [made = ''] = hooked.made
    assert.match(made, /^sk-made-/)
    await hooked.program('rotate', `process.stdout.write('not a key at all')`)
    await sheet.getByRole('button', { name: 'Make a new key now' }).click()
    await sheet.getByText('The program that makes its keys could not replace it.').waitFor()
    await sheet.getByText('The program printed no key. It is tried again after').waitFor()
    await expectAccessible(page, 'provider-hook')
    await shot(page, 'provider-hook')
    assert.ok(!(await page.content()).includes(made), 'the key is not on the page')
    await page.keyboard.press('Escape')
    await chooseModel(page, /model-a/)
    await ask(page, 'Say hello.')
    assert.match(await waitForAnswer(page), /Hello/)
  },
}

export const journeys: readonly Journey[] = [adding, replacing, replacedByProgram, failing]
