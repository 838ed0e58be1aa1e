import { BudgetRequest, Price, type Budget } from '@sallyport/contract'
import type { Command } from 'commander'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

interface Given { readonly amount?: string; readonly subject?: string; readonly period: string; readonly unit: string }

const linesOf = (items: readonly Budget[]) => table([['FOR', 'WHOM', 'A', 'AMOUNT', 'USED', 'UNIT', 'UNTIL'], ...items.map(({ scope, subject, name, period, amount, used, unit, resetsAt }) =>
  [scope, subject === '' ? 'everybody' : name === null ? subject : `${subject} (${name})`, period, String(amount), String(used), unit, resetsAt])])

async function set({ client, json }: Shared, scope: string, given: Given): Promise<void> {
  const body = BudgetRequest.safeParse({ scope, ...(given.subject !== undefined && { subject: given.subject }), period: given.period, unit: given.unit, amount: given.amount === undefined ? null : Number(given.amount) })
  if (!body.success) throw new Mistake(body.error.issues[0]?.message ?? 'Check the budget.')
  const { items } = await client.call('setBudget', { body: body.data })
  print(json, items, () => linesOf(items))
}

/** Budgets in tokens and money, and what models cost. */
export function budgets(program: Command): void {
  const budget = program.command('budgets').description('how many tokens, and how much money, may be spent')
  const options = (command: Command) => command.argument('<scope>', 'all, account, group, key, role, provider or credential').option('--subject <id>', 'whose: an id, a role, or the name of a provider').option('--period <period>', 'day or month', 'month').option('--unit <unit>', 'tokens or money', 'tokens')
  budget.command('list').description('list them, and how they stand').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listBudgets', {})
    print(json, items, () => linesOf(items))
  }))
  options(budget.command('set').description('set one')).requiredOption('--amount <number>', 'so many tokens, or so much money').action(withClient(set))
  options(budget.command('remove').description('remove one')).action(withClient(set))

  const prices = program.command('prices').description('what models cost, for budgets in money')
  const showPrices = (json: boolean, items: readonly Price[]) => { print(json, items, () => table([['MODEL', 'FROM', 'INPUT PER MILLION', 'OUTPUT PER MILLION'], ...items.map(({ model, from, inputPerMillion, outputPerMillion }) => [model, from, String(inputPerMillion), String(outputPerMillion)])])) }
  prices.command('list').description('list them').action(withClient(async ({ client, json }) => { showPrices(json, (await client.call('listPrices', {})).items) }))
  prices.command('set').description('set the price of a model, or of all of a provider as PROVIDER/*').argument('<model>').requiredOption('--input <price>', 'for a million tokens').requiredOption('--output <price>', 'for a million tokens').option('--from <date>', 'the first day', new Date().toISOString().slice(0, 10))
    .action(withClient(async ({ client, json }: Shared, model: string, { from, input, output }: { readonly from: string; readonly input: string; readonly output: string }) => {
      const price = Price.safeParse({ model, from, inputPerMillion: Number(input), outputPerMillion: Number(output) })
      if (!price.success) throw new Mistake(price.error.issues[0]?.message ?? 'Check the price.')
      showPrices(json, (await client.call('setPrice', { body: price.data })).items)
    }))
  prices.command('remove').description('remove one').argument('<model>').argument('<from>', 'its first day').action(withClient(async ({ client, json }: Shared, model: string, from: string) => {
    showPrices(json, (await client.call('removePrice', { body: { model, from } })).items)
  }))
}
