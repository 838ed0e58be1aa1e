import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { compose, type Sallyport } from '../src/compose/index.ts'
import { loadConfig } from '../src/config/load.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const ADDRESS = 'http://127.0.0.1:8080'

let directory: string
let sallyport: Sallyport
let url: string
let key: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-readme-'))
  const environment = { SALLYPORT_DATA_DIR: join(directory, 'data'), SALLYPORT_CONFIG_DIR: join(directory, 'config'), SALLYPORT_HTTP_PORT: '0', SALLYPORT_LIBRARY_WORD_MILLISECONDS: '0' }
  sallyport = await compose(loadConfig({}, environment))
  const listening = await sallyport.listen()
  url = listening.url
  await listening.jobs.handbook
  key = await makeKey()
})
afterAll(async () => {
  await sallyport.close()
  await rm(directory, { recursive: true, force: true })
})

/** What the first minute does by hand: sets the server up, and makes a key. */
async function makeKey(): Promise<string> {
  const post = (path: string, body: unknown, cookie = '') => fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', origin: url, cookie }, body: JSON.stringify(body) })
  const setup = await post('/api/v1/setup', { token: sallyport.setupToken?.reveal(), email: 'ann@example.org', name: 'Ann', password: 'four unrelated words here' })
  const [cookie = ''] = setup.headers.getSetCookie().map((header) => header.split(';', 1)[0] ?? '')
  const made = await post('/api/v1/keys', { name: 'readme' }, cookie)
  return z.object({ value: z.string() }).parse(await made.json()).value
}

const codeOf = (document: string, language: string) => [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1] ?? '')
const pointed = (code: string) => code.replaceAll(ADDRESS, url)
const environment = () => ({ PATH: process.env['PATH'] ?? '', HOME: directory, SALLYPORT_API_KEY: key })
const hasCurl = spawnSync('curl', ['--version']).status === 0
const Completion = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string().min(1) }) })) })

describe.each(['README.md', 'docs/handbook/openai-clients.md'])('the examples of %s do what they say', (path) => {
  test.runIf(hasCurl)('curl', async () => {
    const examples = codeOf(await readFile(join(root, path), 'utf8'), 'sh').filter((code) => code.includes('/v1/chat/completions'))
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', pointed(example)], { env: environment() })
      // The handbook's example lists the models first.
      expect(Completion.parse(JSON.parse(stdout.slice(stdout.lastIndexOf('{"id":"chatcmpl')))).choices).toHaveLength(1)
    }
  })
  test('JavaScript', async () => {
    const examples = codeOf(await readFile(join(root, path), 'utf8'), 'js')
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', pointed(example)], { env: environment(), cwd: root })
      expect(stdout.split(' ').length).toBeGreaterThan(5)
    }
  })
})

describe('the examples of the handbook on the REST API do what they say', () => {
  test.runIf(hasCurl)('curl', async () => {
    const [example = ''] = codeOf(await readFile(join(root, 'docs/handbook/rest-api.md'), 'utf8'), 'sh')
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', pointed(example)], { env: environment() })
    const reply = z.object({ answer: z.string(), citations: z.array(z.object({ title: z.string() })) }).parse(JSON.parse(stdout))
    expect(reply.answer).toContain('[1]')
    expect(reply.citations[0]?.title).toBe('API keys')
  })
  test('a wrong key fails the same example, so that it proves something', async () => {
    const [example = ''] = codeOf(await readFile(join(root, 'README.md'), 'utf8'), 'js')
    await expect(run(process.execPath, ['--input-type=module', '-e', pointed(example)], { env: { ...environment(), SALLYPORT_API_KEY: 'slp_wrong' }, cwd: root })).rejects.toThrow(/401/)
  })
})

describe('the commands that the README names', () => {
  test('are commands of this repository', async () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
    const named = codeOf(await readFile(join(root, 'README.md'), 'utf8'), 'sh').flatMap((code) => [...code.matchAll(/\bnpm (?:run )?(\w+)/g)].map((match) => match[1] ?? ''))
    expect(named.toSorted()).toEqual(['ask', 'start', 'start', 'test'])
    for (const name of named) expect(Object.keys(scripts)).toContain(name)
  })
})
