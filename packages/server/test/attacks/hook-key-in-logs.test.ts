import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { HONEST } from '../../src/testing/hook-vendor.ts'
import { FIRST_KEY, KEYS_PATH, openHookedServer, type HookedServer } from '../../src/testing/hooked-server.ts'

// The attack: whoever reads the log, the events, the audit log, an error, the list of processes or the database finds a key there that a program has made;
// or the program, or what it hands on, finds this server's own secrets in what it was given.

let hooked: HookedServer
afterEach(async () => { await hooked[Symbol.asyncDispose]() })
const SAID = `const key = await make(env.SALLYPORT_NEW_KEY_ID ?? 'x'); process.stderr.write('I have made ' + key + '\\n');`

/** Everything that somebody may read, but for what the vendor itself has. */
async function everything(): Promise<string> {
  const { server, owner } = hooked
  const replies = await Promise.all([KEYS_PATH, '/api/v1/providers', '/api/v1/audit?limit=100', '/api/v1/security-events?limit=100'].map(async (path) => (await owner.call('GET', path)).text))
  return [JSON.stringify(server.logs), await server.storedRows(), (await server.storedBytes()).toString('latin1'), ...replies].join('\n')
}

describe.skipIf(process.platform === 'win32')('a key that a program made', () => {
  const ways: readonly (readonly [what: string, code: string, outcome: string])[] = [
    ['is taken', `${SAID} process.stdout.write(key + '\\n')`, '3 active'],
    ['comes with an error', `${SAID} process.stdout.write(key); process.exitCode = 1`, '1 active'],
    ['comes twice', `${SAID} process.stdout.write(key + '\\n' + key)`, '1 active'],
    ['comes with words', `${SAID} process.stdout.write('key: ' + key)`, '1 active'],
    ['is refused by the provider', `${SAID} await end(env.SALLYPORT_NEW_KEY_ID); process.stdout.write(key)`, '1 active'],
    ['comes, and then nothing ends', `${SAID} process.stdout.write(key + '\\n'); setInterval(() => {}, 1000)`, '1 active'],
  ]
  test.each(ways)('and that %s is in no log, event, answer, row or file', async (_, code, outcome) => {
    hooked = await openHookedServer(code, { settings: { SECRETS_HOOK_SECONDS: '2' } })
    await hooked.grow()
    await hooked.server.sallyport.domains.alerts.tell()
    const refused = await hooked.owner.call('POST', `${KEYS_PATH}/rotate`)
    expect(await hooked.states()).toContain(outcome)
    const seen = `${await everything()}\n${refused.text}`
    expect(hooked.at.made.length).toBeGreaterThan(0)
    for (const key of [...hooked.at.made, FIRST_KEY]) expect(seen.includes(key), 'a key is somewhere').toBe(false)
    // The negative control: what is looked through does hold what was done.
    expect(seen).toContain(outcome === '3 active' ? 'provider-credential-rotated' : 'provider-credential-not-rotated')
    expect(seen).not.toContain('I have made')
  }, 60_000)

  test('is in no argument of a process, and the program is given what it needs and nothing of this server', async () => {
    process.env['A_SECRET_OF_THIS_SERVER'] = 'swordfish-of-the-environment'
    try {
      hooked = await openHookedServer(`note(JSON.stringify({ env: process.env, argv: process.argv.slice(2), cwd: process.cwd(), fds: (await import('node:fs')).readdirSync('/proc/self/fd').length })); ${HONEST}`)
      await hooked.grow()
      await hooked.grow()
      const notes = (await hooked.at.notes()).map((line) => z.object({ env: z.record(z.string(), z.string()), argv: z.array(z.string()), cwd: z.string(), fds: z.number() }).parse(JSON.parse(line)))
      expect(notes).toHaveLength(2)
      for (const { env, argv, cwd } of notes) {
        expect(Object.keys(env).toSorted()).toEqual(['LANG', 'PATH', 'SALLYPORT_HOOK', 'SALLYPORT_KEY_ID', 'SALLYPORT_NEW_KEY_ID', 'SALLYPORT_PROVIDER', 'SALLYPORT_PROVIDER_URL'])
        expect(env).toMatchObject({ SALLYPORT_HOOK: 'rotate', SALLYPORT_PROVIDER: 'vendor', SALLYPORT_PROVIDER_URL: hooked.at.vendor.baseUrl })
        expect(argv).toEqual(['rotate'])
        expect(cwd).toBe('/')
      }
      const given = JSON.stringify(notes)
      const keyFile = (await readFile(`${hooked.server.configDirectory}/sallyport.key`, 'utf8')).trim()
      for (const secret of ['swordfish-of-the-environment', FIRST_KEY, ...hooked.at.made, keyFile]) expect(given.includes(secret)).toBe(false)
    } finally {
      delete process.env['A_SECRET_OF_THIS_SERVER']
    }
  }, 60_000)
})
