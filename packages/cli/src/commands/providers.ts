import type { Command } from 'commander'
import { print, table } from '../print.ts'
import { readSecret } from '../read-secret.ts'
import { withClient, type Shared } from '../with-client.ts'
import { environmentOf, providerKeys } from './provider-keys.ts'

interface SetOptions { readonly adapter: string; readonly baseUrl?: string; readonly models?: string; readonly allowPrivateAddress?: true; readonly credential: boolean; readonly environment?: string }

/** Model providers. */
export function providers(program: Command): void {
  const group = program.command('providers').description('model providers')
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const { items, adapters, cache } = await client.call('listProviders')
    const spared = cache.reach === 'off' ? [] : ['', `Kept answers (${cache.reach}): ${cache.answers}. This month ${cache.hits} were given again and spared ${cache.savedTokens} tokens.`]
    print(json, { items, adapters, cache }, () => [...table([['NAME', 'ADAPTER', 'ADDRESS', 'KEY', 'MODELS'], ...items.map((provider) => [provider.name, provider.adapter, provider.baseUrl, provider.heldBack !== null ? `held back: for ${provider.heldBack}` : provider.keyAdvice.length > 0 ? provider.keyAdvice.join(', ') : provider.hasCredential ? 'yes' : 'no', String(provider.models.length)])]), ...spared])
  }))
  group.command('set').description('add or change one; its key is asked for, or read from standard input').argument('<name>')
    .requiredOption('--adapter <id>', 'openai, gemini, openrouter, anthropic, ollama or openai-compatible').option('--base-url <url>').option('--models <list>', 'offered models, separated by commas')
    .option('--allow-private-address', 'it may be at a private address').option('--no-credential', 'it needs no key').option('--environment <name>', 'what its key is for: development, staging or production; refused where the server is for something else')
    .action(withClient(async ({ client, json }: Shared, name: string, options: SetOptions) => {
      const environment = environmentOf(options.environment)
      const credential = options.credential ? await readSecret(`Key of ${name} (not shown; empty keeps the present one): `) : ''
      const provider = await client.call('saveProvider', { params: { name }, body: {
        adapter: options.adapter, ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }), ...(credential !== '' && { credential }), ...(environment !== undefined && { environment }),
        ...(options.models !== undefined && { models: options.models.split(',').map((model) => model.trim()) }), ...(options.allowPrivateAddress === true && { allowPrivateAddress: true }),
      } })
      print(json, provider, () => [`Saved. It offers ${provider.models.length} ${provider.models.length === 1 ? 'model' : 'models'}.`])
    }))
  providerKeys(group)
  group.command('remove').description('remove one').argument('<name>').action(withClient(async ({ client, json }: Shared, name: string) => {
    await client.call('deleteProvider', { params: { name } })
    print(json, { ok: true }, () => ['Removed.'])
  }))
}
