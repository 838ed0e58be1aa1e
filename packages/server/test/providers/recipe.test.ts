import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/kernel/secret.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress } from '../../src/kernel/egress.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import type { ModelProviderDescriptor } from '../../src/ports/model-provider.ts'
import { collectEvents } from '../../src/testing/collect-events.ts'
import { baseRequest } from '../../src/testing/model-provider.suite.ts'
import { startVendorServer } from '../../src/testing/vendor-server.ts'

// docs/recipes/add-a-provider.md, followed to the letter.

const adapters = new URL('../../src/adapters/model-provider/', import.meta.url)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-recipe-'))
  const recipe = await readFile(new URL('../../../../docs/recipes/add-a-provider.md', import.meta.url), 'utf8')
  for (const [, path = '', code = ''] of recipe.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    // The files lie elsewhere for the test, so what they import from the server is named in full.
    const resolved = code.replaceAll(/from '(\.\.\/[^']+)'/g, (_, from: string) => `from '${new URL(from, new URL('acme/', adapters)).pathname}'`)
      .replace("from 'zod'", `from '${new URL(import.meta.resolve('zod')).pathname}'`)
    await writeFile(file, resolved)
  }
})
afterAll(async () => { await rm(folder, { recursive: true, force: true }) })

test('the provider of the recipe answers', async () => {
  const { acme } = await import(join(folder, 'acme/index.ts')) as { acme: ModelProviderDescriptor }
  const server = await startVendorServer('openai-compatible', { credential: 'sk-acme' })
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  try {
    egress.list('acme', { origin: new URL(server.url), allowPrivateAddress: true })
    const provider = acme.create(acme.config.parse({ baseUrl: server.baseUrl, credential: new Secret('sk-acme') }), egress)
    const answer = await collectEvents(provider.stream({ ...baseRequest, options: { maxOutputTokens: 9, reasoningEffort: 'low' } }, new AbortController().signal))
    expect(answer.choices[0]?.text).toBe('You said: Good morning')
    expect(server.requests[0]?.body).toMatchObject({ max_tokens: 9 })
    expect(server.requests[0]?.body).not.toHaveProperty('reasoning_effort')
  } finally { await egress.close(); await server.close() }
})

test('the recipe names files that exist', async () => {
  const recipe = await readFile(new URL('../../../../docs/recipes/add-a-provider.md', import.meta.url), 'utf8')
  const paths = [...recipe.matchAll(/`(packages\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(3)
  for (const path of paths) expect(existsSync(new URL(`../../../../${path}`, import.meta.url)), path).toBe(true)
})
