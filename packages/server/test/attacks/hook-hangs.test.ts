import { afterEach, describe, expect, test, vi } from 'vitest'
import { KEYS_PATH, openHookedServer, type HookedServer } from '../../src/testing/hooked-server.ts'

// The attack: the program never ends, holds its output open, leaves others behind, or does not listen to being asked to end. It must neither stop
// the server's answers nor its end, and nothing of it may go on.

let hooked: HookedServer
let isOpen = false
afterEach(async () => { if (isOpen) await hooked[Symbol.asyncDispose]() })
const open = async (code: string, seconds: string) => { hooked = await openHookedServer(code, { settings: { SECRETS_HOOK_SECONDS: seconds } }); isOpen = true }

const isRunning = (pid: number): boolean => { try { process.kill(pid, 0); return true } catch { return false } }
const FOREVER = 'setInterval(() => {}, 1000)'
const ways: readonly (readonly [what: string, code: string, seconds: number])[] = [
  ['sleeps', `note(String(process.pid)); ${FOREVER}`, 1],
  ['does not listen to being ended', `note(String(process.pid)); process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); process.on('SIGHUP', () => {}); ${FOREVER}`, 1],
  ['prints a key and stays', `note(String(process.pid)); process.stdout.write(await make('x') + '\\n'); ${FOREVER}`, 1],
  ['waits for another', `note(String(process.pid)); const { spawn } = await import('node:child_process'); const child = spawn(process.execPath, ['-e', '${FOREVER}'], { stdio: 'inherit' }); note(String(child.pid))`, 2],
]

describe.skipIf(process.platform === 'win32')('a program that', () => {
  test.each(ways)('%s is ended in time with all that it began, and changes nothing', async (_, code, seconds) => {
    await open(code, String(seconds))
    const begun = performance.now()
    await hooked.grow()
    expect(performance.now() - begun).toBeLessThan(seconds * 1_000 + 5_000)
    expect(await hooked.states()).toEqual(['1 active'])
    expect((await hooked.list())[0]?.hook).toMatchObject({ reason: 'timed-out', failures: 1 })
    const pids = (await hooked.at.notes()).map(Number)
    expect(pids.length).toBeGreaterThan(0)
    await vi.waitFor(() => { expect(pids.filter(isRunning)).toEqual([]) }, { timeout: 3_000 })
  }, 60_000)

  test('leaves another behind and ends well is believed, and what it left is ended', async () => {
    await open(`const { spawn } = await import('node:child_process'); const child = spawn(process.execPath, ['-e', '${FOREVER}'], { stdio: 'inherit' }); child.unref(); note(String(child.pid)); process.stdout.write(await make('x') + '\\n'); setTimeout(() => process.exit(0), 100)`, '20')
    await hooked.grow()
    expect(await hooked.states()).toEqual(['2 active', '1 retiring'])
    const [pid] = (await hooked.at.notes()).map(Number)
    await vi.waitFor(() => { expect(isRunning(pid ?? 0)).toBe(false) }, { timeout: 3_000 })
  }, 60_000)

  test('detaches another, which holds its output open, is given up on in time', async () => {
    await open(`const { spawn } = await import('node:child_process'); const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 8000)'], { stdio: 'inherit', detached: true }); child.unref(); note(String(child.pid)); process.stdout.write('half'); setTimeout(() => process.exit(0), 50)`, '2')
    const begun = performance.now()
    await hooked.grow()
    expect(performance.now() - begun).toBeLessThan(7_000)
    expect((await hooked.list())[0]?.hook).toMatchObject({ failures: 1 })
    for (const pid of (await hooked.at.notes()).map(Number)) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
  }, 60_000)

  test('hangs holds up neither other requests nor the end of the server, and is no failure then', async () => {
    await open(`note(String(process.pid)); ${FOREVER}`, '60')
    const asked = hooked.owner.call('POST', `${KEYS_PATH}/rotate`).catch(() => null)
    await vi.waitFor(async () => { expect(await hooked.at.notes()).toHaveLength(1) }, { timeout: 10_000 })
    expect((await hooked.owner.call('GET', '/api/v1/models')).status).toBe(200)
    const begun = performance.now()
    const ended = hooked.server.restart()
    await Promise.all([ended, asked])
    expect(performance.now() - begun).toBeLessThan(25_000)
    expect((await hooked.at.notes()).map(Number).filter(isRunning)).toEqual([])
    hooked.owner = await hooked.server.renew(hooked.owner)
    expect(await hooked.events('provider-credential-not-rotated')).toEqual([])
    expect(await hooked.states()).toEqual(['1 active'])
  }, 90_000)
})
