import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { expectAccessible } from './support/accessible.ts'
import type { Journey } from './support/journey.ts'
import { ask, fetchJson, openAccount, setUp, waitForAnswer } from './support/steps.ts'

async function setBudget(page: Page, { whose, subject, unit = 'Tokens', period = 'Day', amount }: { readonly whose: string; readonly subject?: string; readonly unit?: string; readonly period?: string; readonly amount: string }): Promise<void> {
  await page.getByRole('button', { name: 'New budget' }).click()
  await page.getByLabel('For', { exact: true }).selectOption(whose)
  if (subject !== undefined) await page.getByLabel(whose, { exact: true }).selectOption(subject)
  await page.getByLabel('Counted in').selectOption(unit)
  await page.getByLabel('Anew every').selectOption(period)
  await page.getByLabel('Amount').fill(amount)
  await page.getByRole('button', { name: 'Set the budget' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

const spent: Journey = {
  name: 'an administrator sets a budget on the page, sees how it fills, and whoever runs into it reads what, why and until when',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await page.getByRole('link', { name: 'Limits', exact: true }).click()
    await page.getByText('There is no budget. Everybody may use what the limits let them.').waitFor()
    await setBudget(page, { whose: 'Everybody together', amount: '1300' })
    await setBudget(page, { whose: 'Role', subject: 'Owner', period: 'Month', amount: '100000' })
    await setBudget(page, { whose: 'Provider', subject: 'sallyport', unit: 'Money', period: 'Month', amount: '2.5' })
    for (const label of ['Everybody together: 1,300 tokens a day', 'Role Owner: 100,000 tokens a month', 'Provider sallyport: 2.5 in money a month']) await page.getByText(label, { exact: true }).waitFor()
    await expectAccessible(page, 'budgets')

    await page.getByRole('link', { name: 'New conversation' }).first().click()
    await ask(page, 'What is a budget?')
    await waitForAnswer(page)
    await page.getByRole('link', { name: 'Limits', exact: true }).click()
    const meter = page.getByRole('meter', { name: 'Everybody together: 1,300 tokens a day, used' })
    await meter.waitFor()
    assert.ok(Number(await meter.getAttribute('value')) > 0)
    await shot(page, 'budgets')

    // The amount is changed to less than was used: the next question meets it.
    await page.getByRole('button', { name: 'Change Everybody together: 1,300 tokens a day' }).click()
    await page.getByLabel('Amount').fill('10')
    await page.getByRole('button', { name: 'Set the budget' }).click()
    await page.getByText('10 tokens used, 0 tokens left').or(page.getByText(/tokens used, 0 tokens left · anew on .+ · spent/)).first().waitFor()
    await page.getByRole('link', { name: 'New conversation' }).first().click()
    await ask(page, 'And what is a limit?')
    await page.getByRole('alert').getByText(/The budget of 10 tokens a day for this server has no room for this\. Ask for less, wait until midnight UTC, or ask an administrator for more\./).waitFor()
    await shot(page, 'budget-spent')
    await openAccount(page)
    await page.getByText('Everybody here together: 10 tokens a day').waitFor()

    await page.getByRole('link', { name: 'Limits', exact: true }).click()
    await page.getByRole('button', { name: 'Remove Everybody together: 10 tokens a day' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('Everybody together: 10 tokens a day').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'New conversation' }).first().click()
    await ask(page, 'And what is a limit?')
    await waitForAnswer(page)
  },
}

const priced: Journey = {
  name: 'prices are set on the page, each from a day on, changed and removed',
  run: async ({ server, visit, shot }) => {
    const { page } = await visit()
    await setUp(page, server)
    await page.getByRole('link', { name: 'Limits', exact: true }).click()
    await page.getByText('No model has a price, so budgets in money count nothing.').waitFor()
    const set = async (model: string, from: string, [input, output]: readonly [input: string, output: string]) => {
      await page.getByRole('button', { name: 'New price' }).click()
      await page.getByLabel('Model', { exact: true }).fill(model)
      await page.getByLabel('From', { exact: true }).fill(from)
      await page.getByLabel('A million tokens of input').fill(input)
      await page.getByLabel('A million tokens of output').fill(output)
      await page.getByRole('button', { name: 'Set the price' }).click()
    }
    await set('not a model', '2026-11-01', ['1', '1'])
    await page.getByText('Name a model as PROVIDER/MODEL, or all of a provider as PROVIDER/*.').first().waitFor()
    await expectAccessible(page, 'budgets')
    await page.getByRole('button', { name: 'Close' }).click()
    await set('openai/gpt-5', '2026-11-01', ['1.25', '10'])
    await set('openai/gpt-5', '2027-01-01', ['1', '8'])
    await set('sallyport/*', '2026-01-01', ['0', '0.000001'])
    await page.getByRole('row').nth(3).waitFor()
    await expectAccessible(page, 'budgets')
    await shot(page, 'prices')
    await page.getByRole('button', { name: 'Change the price of openai/gpt-5 from 2026-11-01' }).click()
    await page.getByLabel('A million tokens of output').fill('12')
    await page.getByRole('button', { name: 'Set the price' }).click()
    await page.getByRole('cell', { name: '12', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Remove the price of openai/gpt-5 from 2027-01-01' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'Remove the price of openai/gpt-5 from 2027-01-01' }).waitFor({ state: 'detached' })
    assert.deepEqual(((await fetchJson(page, '/api/v1/prices')) as { items: readonly { model: string; outputPerMillion: number }[] }).items.map(({ model, outputPerMillion }) => [model, outputPerMillion]), [['openai/gpt-5', 12], ['sallyport/*', 0.000001]])
  },
}

export const journeys: readonly Journey[] = [spent, priced]
