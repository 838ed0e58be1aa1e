import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { providerCredentials } from '../../src/policy/provider-credentials.ts'
import { FIRST_KEY, KEYS_PATH, openHookedServer, type HookedServer } from '../../src/testing/hooked-server.ts'

const PAGE = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'handbook', 'providers.md')
const ADMIN = 'Authorization: Bearer sk-admin-of-the-example-5e'
const DAY = 86_400_000
const NewAccount = z.strictObject({ name: z.string().min(1) })

const has = (program: string): boolean => { try { execFileSync(program, ['--version'], { stdio: 'ignore' }); return true } catch { return false } }

/** The part of OpenAI's administration that the example asks, over the keys that the vendor takes. */
async function startAdministration(keys: Map<string, string>) {
  const accounts = new Map<string, string>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const answer = (status: number, body: object) => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)) }
      const [path = '', id] = (request.url ?? '').split('?')[0]?.match(/^\/organization\/projects\/proj_abc\/service_accounts(?:\/(\w+))?$/) ?? []
      if (request.headers.authorization !== ADMIN.slice('Authorization: '.length) || path === '') { answer(401, { error: { message: 'No.' } }); return }
      if (request.method === 'GET') { answer(200, { object: 'list', data: [...accounts].map(([each, name]) => ({ object: 'organization.project.service_account', id: each, name })), has_more: false }); return }
      if (request.method === 'DELETE' && id !== undefined) { keys.delete(id); answer(200, { id, deleted: accounts.delete(id) }); return }
      const { name } = NewAccount.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      const made = `svc${randomBytes(6).toString('hex')}`
      accounts.set(made, name)
      keys.set(made, `sk-svcacct-${randomBytes(16).toString('hex')}`)
      answer(200, { object: 'organization.project.service_account', id: made, name, api_key: { value: keys.get(made) } })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { accounts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => { server.closeAllConnections(); server.close() } }
}

/** The program as the handbook has it, but for where it asks and where its own key lies. */
async function writeExample({ at }: HookedServer, url: string): Promise<void> {
  const [, script = ''] = /```sh\n(#!\/bin\/sh\n[^]*?)```/.exec(await readFile(PAGE, 'utf8')) ?? []
  const [program, header] = [join(at.directory, 'rotate.mjs'), join(at.directory, 'openai-admin')]
  expect(script).toContain('https://api.openai.com/v1/')
  await writeFile(header, `${ADMIN}\n`, { mode: 0o600 })
  await writeFile(program, script.replaceAll('https://api.openai.com/v1', url).replaceAll('/etc/sallyport/openai-admin', header))
  await chmod(program, 0o700)
}

test.skipIf(!has('curl') || !has('jq'))('the program that the handbook shows makes a key, ends a former one, and fails where it is refused', async () => {
  await using hooked = await openHookedServer('', { given: ['proj_abc'] })
  const administration = await startAdministration(hooked.at.keys)
  try {
    await writeExample(hooked, administration.url)
    await hooked.grow()
    await hooked.grow()
    expect(await hooked.states()).toEqual(['3 active', '2 retiring', '1 retiring'])
    const [third, second] = await hooked.list()
    expect([...administration.accounts.values()]).toEqual([`sallyport ${second?.id}`, `sallyport ${third?.id}`])
    hooked.server.clock.advance(providerCredentials.retireDays * DAY + 1)
    hooked.owner = await hooked.server.renew(hooked.owner)
    await hooked.server.sallyport.domains.models.credentials.tidy()
    await hooked.server.sallyport.domains.models.hooks.runDue()
    expect([...administration.accounts.values()], 'of the first, which a person made, it knows nothing').toEqual([`sallyport ${third?.id}`])
    expect([...hooked.at.keys.values()]).toContain(FIRST_KEY)
    expect(await hooked.server.sallyport.database.read.selectFrom('provider_hook_task').select('credential_id').execute()).toEqual([{ credential_id: third?.id }])

    await writeFile(join(hooked.at.directory, 'openai-admin'), 'Authorization: Bearer sk-admin-that-is-revoked-6f\n')
    expect((await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)).status).toBe(502)
    expect((await hooked.list())[0]).toMatchObject({ version: 3, state: 'active', hook: { reason: 'failed' } })
  } finally {
    administration.close()
  }
}, 60_000)
