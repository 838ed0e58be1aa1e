import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

const main = join(import.meta.dirname, '../../../cli/src/main.ts')
let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer({ withHandbook: true })
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** Runs the command as a shell does, where `$ASK` is it. Never throws: a status is a result. */
const shell = (line: string) => promisify(execFile)('bash', ['--norc', '-o', 'pipefail', '-c', line.replace('$ASK', `'${process.execPath}' '${main}' ask`)], {
  env: { PATH: process.env['PATH'], SALLYPORT_DATA_DIR: server.dataDirectory, SALLYPORT_CONFIG_DIR: server.configDirectory },
}).then(({ stdout, stderr }) => ({ status: 0, stdout, stderr }), (error: { code: number; stdout: string; stderr: string }) => ({ status: error.code, stdout: error.stdout, stderr: error.stderr }))
const turns = async () => (await server.sallyport.database.read.selectFrom('turn').select('id').execute()).length
const budget = (amount: number | null) => owner.call('PUT', '/api/v1/budgets', { scope: 'all', period: 'day', unit: 'tokens', amount })

test('the running server answers and counts the question, and keeps no conversation of it', async () => {
  const before = await turns()
  expect(await shell('$ASK "How do I make an API key?"')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('Sources\n  [1] API keys') })
  expect(await turns()).toBe(before + 1)
  expect((await owner.call('GET', '/api/v1/conversations')).json).toMatchObject({ items: [] })
}, 30_000)

test('a reader who has enough of it is no failure', async () => {
  expect(await shell('$ASK "How do I make an API key?" | head -c 1 > /dev/null')).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(await shell('$ASK "How do I make an API key?" | true')).toEqual({ status: 0, stdout: '', stderr: '' })
  expect((await owner.call('GET', '/api/v1/conversations')).json).toMatchObject({ items: [] })
}, 40_000)

test('a budget of the running server holds for it', async () => {
  expect((await budget(20)).status).toBe(200)
  expect(await shell('$ASK "How do I make an API key?"')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/budget/i) })
  await budget(null)
}, 30_000)

test('where no server runs it answers by itself, and says so', async () => {
  await server.sallyport.close()
  const { status, stdout, stderr } = await shell('$ASK "How do I make an API key?"')
  expect(status).toBe(0)
  expect(stdout).toContain('Sources\n  [1] API keys')
  expect(stderr).toMatch(/^No server runs over this data directory: [^\n]*outside of limits and budgets\.\n$/)
  await server.restart()
}, 60_000)
