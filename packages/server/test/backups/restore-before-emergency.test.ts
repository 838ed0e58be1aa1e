import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PASSWORD } from '../../src/testing/server.ts'
import { openBackedUp } from './support.ts'

test('a restore from before an emergency brings old passwords back, says so, and the emergency run again on the files ends them', async () => {
  await using made = await openBackedUp()
  const { server, owner } = made
  const command = (...words: readonly string[]) => spawnSync(process.execPath, [join(import.meta.dirname, '../../../cli/src/main.ts'), ...words], { encoding: 'utf8', env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory } })
  const signIn = async () => (await server.call('POST', '/api/v1/session', { body: { email: owner.account.email, password: PASSWORD }, headers: { origin: server.url } })).status
  const name = await made.backUp()
  expect((await owner.call('POST', '/api/v1/emergency', {})).status).toBe(200)
  expect(await signIn()).toBe(401)

  await server.sallyport.close()
  const restored = command('backup', 'restore', name, '--identity', made.identityFile)
  expect(restored).toMatchObject({ status: 0, stdout: expect.stringContaining('run it again before the start: npm run sallyport -- emergency') as string })
  await server.restart()
  expect(await signIn()).toBe(200)

  await server.sallyport.close()
  expect(command('emergency', '--yes', '--json').status).toBe(0)
  await server.restart()
  expect(await signIn()).toBe(401)
}, 120_000)
