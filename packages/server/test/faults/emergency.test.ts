import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmergencyReport } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { openTestServer, PASSWORD, type TestServer } from '../../src/testing/server.ts'

const KILLS = [700, 1_000, 1_300, 1_600]

/** The command over the files of a server that does not run. */
const command = (server: TestServer): ChildProcess => spawn(process.execPath, [join(import.meta.dirname, '../../../cli/src/main.ts'), 'emergency', '--yes', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory },
})

test('killed at any moment and run again on the files, the emergency ends everything, and its link lets the owner back in', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const somebody = await server.addAccount('somebody')
  const conversation = await somebody.newConversation()
  await somebody.call('PATCH', `/api/v1/conversations/${conversation}`, { title: 'Sealed before, read after' })
  await server.sallyport.close()
  for (const milliseconds of KILLS) {
    const cut = command(server)
    const ended = once(cut, 'exit')
    await Promise.race([ended, sleep(milliseconds)])
    cut.kill('SIGKILL')
    await ended
  }
  const whole = command(server)
  let printed = ''
  whole.stdout?.setEncoding('utf8').on('data', (text: string) => { printed += text })
  const [status] = await once(whole, 'exit') as [number]
  expect(status).toBe(0)
  const report = EmergencyReport.parse(JSON.parse(printed))
  expect(report.dataKeys.last).toMatchObject({ endedAt: expect.any(String), valuesBroken: 0 })

  await server.restart()
  for (const headers of [{ cookie: owner.cookie }, { cookie: somebody.cookie }, { 'x-api-key': owner.key }, { 'x-api-key': somebody.key }]) expect((await server.call('GET', '/api/v1/session', { headers })).status).toBe(401)
  const signIn = () => server.call('POST', '/api/v1/session', { body: { email: owner.account.email, password: PASSWORD }, headers: { origin: server.url } })
  expect((await signIn()).status).toBe(401)
  const token = report.resetLink?.link.split('#')[1] ?? ''
  expect((await server.call('POST', '/api/v1/password-resets/complete', { body: { token, password: PASSWORD }, headers: { origin: server.url } })).status).toBe(204)
  expect((await signIn()).status).toBe(200)
  // What was sealed under the replaced keys still opens.
  expect((await (await server.renew(somebody)).call('GET', `/api/v1/conversations/${conversation}`)).json).toMatchObject({ title: 'Sealed before, read after' })
  expect((await server.sallyport.domains.audit.verify()).ok).toBe(true)
}, 120_000)
