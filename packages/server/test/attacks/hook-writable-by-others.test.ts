import { chmod, mkdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { requireSafe } from '../../src/config/greet.ts'
import { ConfigProblem, loadConfig } from '../../src/config/load.ts'
import { reviewConfig } from '../../src/config/review.ts'
import { examine } from '../../src/ops/doctor/index.ts'
import { HONEST } from '../../src/testing/hook-vendor.ts'
import { openHookedServer, type HookedServer } from '../../src/testing/hooked-server.ts'

// The attack: somebody else on the machine may change the program, or put another in its place, and so has the server run what they like with all that
// it may read.

let hooked: HookedServer
afterEach(async () => { await hooked[Symbol.asyncDispose]() })

const settingOf = (command: readonly string[]) => JSON.stringify({ vendor: { origin: new URL(hooked.at.vendor.baseUrl).origin, command } })
const environment = (more: Readonly<Record<string, string>> = {}) => ({ SALLYPORT_CONFIG_DIR: hooked.server.configDirectory, SALLYPORT_DATA_DIR: join(hooked.server.dataDirectory, 'elsewhere'), SALLYPORT_SECRETS_ROTATION_HOOKS: settingOf([join(hooked.at.directory, 'rotate.mjs')]), ...more })
const concerns = (more?: Readonly<Record<string, string>>) => reviewConfig(loadConfig({}, environment(more)), {}).filter(({ about }) => about === 'secrets.rotationHooks.vendor')
const CODE = `note('ran'); ${HONEST}`

describe.skipIf(process.platform === 'win32')('a program', () => {
  const ways: readonly (readonly [what: string, spoil: () => Promise<void>, found: RegExp])[] = [
    ['that everybody can write', () => chmod(join(hooked.at.directory, 'rotate.mjs'), 0o722), /Others can write .*rotate\.mjs/],
    ['that its group can write', () => chmod(join(hooked.at.directory, 'rotate.mjs'), 0o720), /Others can write .*rotate\.mjs/],
    ['that everybody can read', () => chmod(join(hooked.at.directory, 'rotate.mjs'), 0o704), /Everybody on this machine can read/],
    ['in a directory that others can write', () => chmod(hooked.at.directory, 0o777), /Others can put another file in the place of/],
    ['behind a link to what others can write', async () => {
      await mkdir(join(hooked.at.directory, 'real'))
      await rename(join(hooked.at.directory, 'rotate.mjs'), join(hooked.at.directory, 'real', 'it.mjs'))
      await chmod(join(hooked.at.directory, 'real', 'it.mjs'), 0o777)
      await symlink(join(hooked.at.directory, 'real', 'it.mjs'), join(hooked.at.directory, 'rotate.mjs'))
    }, /Others can write .*it\.mjs/],
    ['behind a link that others can put elsewhere, to what is its owner\'s', async () => {
      const open = join(hooked.at.directory, 'open')
      await mkdir(join(hooked.at.directory, 'real'))
      await rename(join(hooked.at.directory, 'rotate.mjs'), join(hooked.at.directory, 'real', 'it.mjs'))
      await mkdir(open)
      await symlink(join(hooked.at.directory, 'real', 'it.mjs'), join(open, 'link'))
      await chmod(open, 0o777)
      await symlink(join(open, 'link'), join(hooked.at.directory, 'rotate.mjs'))
    }, /Others can put another file in the place of .*rotate\.mjs: they can change .*\/open/],
    ['that is not executable', () => chmod(join(hooked.at.directory, 'rotate.mjs'), 0o600), /is not executable/],
    ['that is a directory', async () => { await rename(join(hooked.at.directory, 'rotate.mjs'), join(hooked.at.directory, 'other.mjs')); await mkdir(join(hooked.at.directory, 'rotate.mjs')) }, /is no file/],
    ['that is not there', () => rename(join(hooked.at.directory, 'rotate.mjs'), join(hooked.at.directory, 'other.mjs')), /cannot be looked at/],
  ]
  test.each(ways)('%s is not run, also where it became so after the start; the start, doctor and the list say so', async (_, spoil, found) => {
    hooked = await openHookedServer(CODE)
    await spoil()
    await hooked.grow()
    expect(await hooked.at.notes()).toEqual([])
    expect(await hooked.states()).toEqual(['1 active'])
    expect((await hooked.list())[0]?.hook).toMatchObject({ reason: 'unsafe-program' })
    expect(await hooked.server.sallyport.database.read.selectFrom('provider_hook_task').select('verb').execute(), 'nothing ran, so nothing is to be ended').toEqual([{ verb: 'rotate' }])
    expect(concerns()).toMatchObject([{ isGrave: true, found: expect.stringMatching(found) as unknown, mend: expect.any(String) as unknown }])
    const config = loadConfig({}, environment({ SALLYPORT_PRESET: 'team' }))
    expect(() => { requireSafe(config, reviewConfig(config, {})) }, 'a server that others reach does not start').toThrow(ConfigProblem)
    const { ok, findings } = await examine(environment())
    expect(ok).toBe(false)
    expect(findings.filter(({ found: text }) => text.startsWith('secrets.rotationHooks.vendor: '))).toMatchObject([{ health: 'problem', area: 'settings' }])
  }, 60_000)

  test('that is an interpreter is not run with a script that others can write; root\'s own programs may be read by everybody', async () => {
    hooked = await openHookedServer(CODE)
    const script = join(hooked.at.directory, 'rotate.mjs')
    const run = () => hooked.server.restart({ SECRETS_ROTATION_HOOKS: settingOf(['/usr/bin/env', '-S', script]) })
    const said = () => concerns({ SALLYPORT_SECRETS_ROTATION_HOOKS: settingOf(['/usr/bin/env', script, '/no/such/file', '/proj']) })
    await chmod(script, 0o666)
    expect(said()).toMatchObject([{ isGrave: true, found: expect.stringContaining(`Others can write ${script}`) as unknown }])
    await run()
    await hooked.grow()
    expect(await hooked.at.notes()).toEqual([])
    await chmod(script, 0o600)
    expect(said(), 'the negative control').toEqual([])
    await chmod(script, 0o700)
    hooked.server.clock.advance(86_400_000)
    await hooked.server.sallyport.domains.models.hooks.runDue()
    expect(await hooked.at.notes(), 'and it is run').toEqual(['ran'])
  }, 60_000)

  test('that is its owner\'s alone is run, and nothing is said of it', async () => {
    hooked = await openHookedServer(CODE)
    expect(concerns()).toEqual([])
    await hooked.grow()
    expect(await hooked.at.notes()).toEqual(['ran'])
    expect(await hooked.states()).toEqual(['2 active', '1 retiring'])
  }, 60_000)

  test('must be named by its whole path, and no shell reads its arguments', async () => {
    hooked = await openHookedServer(`note(JSON.stringify(process.argv.slice(2))); ${HONEST}`, { given: ['$(touch /tmp/x)', '; rm -rf ~', '*', 'a b'] })
    for (const path of ['rotate.mjs', './rotate.mjs', '~/rotate.mjs']) expect(() => loadConfig({}, environment({ SALLYPORT_SECRETS_ROTATION_HOOKS: settingOf([path]) })), path).toThrow(ConfigProblem)
    expect(() => loadConfig({}, environment({ SALLYPORT_SECRETS_ROTATION_HOOKS: settingOf([]) }))).toThrow(ConfigProblem)
    await hooked.grow()
    expect((await hooked.at.notes()).map((line): unknown => JSON.parse(line))).toEqual([['$(touch /tmp/x)', '; rm -rf ~', '*', 'a b', 'rotate']])
  }, 60_000)
})
