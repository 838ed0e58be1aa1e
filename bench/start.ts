/** P6 and P7: start to listening, memory idle and with open streams, and a fresh clone to its first answer. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { call } from './lib/call.ts'
import { figureOf, median, type Figure } from './lib/figure.ts'
import { freePort, listening, processorNanoseconds, residentBytes, start, type Running } from './lib/process.ts'
import { targetFor } from './lib/request.ts'
import { type Rig, withRig } from './lib/rig.ts'
import { type SallyportOptions, slowedBuild, startSallyport, stateIn } from './peers/sallyport.ts'

const repository = fileURLToPath(new URL('../', import.meta.url))
const starts = 10
/** The words of `npm start` after `node`. */
const startWords = z.object({ scripts: z.object({ start: z.string().startsWith('node ') }) }).parse(JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))).scripts.start.split(' ').slice(1)
const openStreams = 200

interface Started { readonly running: Running; readonly milliseconds: number; readonly readyMilliseconds: number; readonly processorMilliseconds: number }

interface Launch { readonly folder: string; readonly nodeArgs: readonly string[]; readonly compileCache: boolean }

/** What `npm start` runs, without npm itself: from its being spawned to the first connection taken, and to `/readyz`. */
const startOnce = async ({ folder, nodeArgs, compileCache }: Launch): Promise<Started> => {
  const port = await freePort()
  const from = performance.now()
  const running = start({
    command: process.execPath, cwd: repository, log: join(folder, 'start.log'),
    args: [...nodeArgs, ...startWords],
    environment: { ...stateIn(folder), SALLYPORT_HTTP_PORT: String(port), ...(compileCache ? {} : { NODE_DISABLE_COMPILE_CACHE: '1' }) },
  })
  await listening(port, running, 60)
  const milliseconds = performance.now() - from
  const processorMilliseconds = processorNanoseconds(running.pid) / 1e6
  while ((await call(port, { method: 'GET', path: '/readyz' })).status !== 200) await wait(5)
  return { running, milliseconds, processorMilliseconds, readyMilliseconds: performance.now() - from }
}

const startFigures = async (rig: Rig, { nodeArgs = [] }: SallyportOptions): Promise<readonly Figure[]> => {
  const times: number[] = []
  const ready: number[] = []
  const processor: number[] = []
  const once = async (launch: Launch, idleSeconds = 0): Promise<{ readonly started: Started; readonly resident: number }> => {
    const started = await startOnce(launch)
    if (idleSeconds > 0) await wait(idleSeconds * 1_000)
    const resident = residentBytes(started.running.pid)
    await started.running.stop()
    return { started, resident }
  }
  const folder = join(rig.folder, 'start')
  const cold = await once({ folder, nodeArgs, compileCache: false })
  await once({ folder, nodeArgs, compileCache: true })
  for (let at = 0; at < starts; at += 1) {
    const { started } = await once({ folder, nodeArgs, compileCache: true })
    times.push(started.milliseconds)
    ready.push(started.readyMilliseconds)
    processor.push(started.processorMilliseconds)
  }
  const idle = await once({ folder, nodeArgs, compileCache: true }, 5)
  return [
    figureOf({ id: 'P6.start', value: median(times) / 1_000, unit: 's', bound: { below: 1 }, samples: `median of ${starts}, compile cache warm`, baseline: { 'of it on a processor': median(processor) / 1_000, slowest: Math.max(...times) / 1_000, 'to /readyz': median(ready) / 1_000 } }),
    figureOf({ id: 'P6.start-cold', value: cold.started.milliseconds / 1_000, unit: 's', bound: null, samples: '1: no compile cache, an empty data directory' }),
    figureOf({ id: 'P6.memory-idle', value: idle.resident / 1e6, unit: 'MB', bound: { below: 150 }, samples: '1: resident 5 s after start' }),
  ]
}

const streamMemoryFigure = async (rig: Rig, options: SallyportOptions): Promise<Figure> => {
  const peer = await rig.own(startSallyport(rig, options))
  await wait(2_000)
  const before = residentBytes(peer.pid)
  const report = await rig.loader.run({ kind: 'open-streams', target: targetFor(peer, { model: 'bench-slow', stream: true }), streams: openStreams })
  if (report.failures > 0) throw new Error(`${report.failures} of ${openStreams} streams were refused: ${report.refusal}`)
  const during = residentBytes(peer.pid)
  await rig.loader.run({ kind: 'close-streams' })
  return figureOf({ id: 'P6.memory-per-stream', value: (during - before) / openStreams / 1e6, unit: 'MB', bound: { below: 1.5 }, samples: `${openStreams} open streams`, baseline: { 'all at once': during / 1e6, before: before / 1e6 } })
}

/** What npm would use here, asked of npm: an empty home must not lose the cache or the registry. */
const npmSetting = (name: string): string => spawnSync('npm', ['config', 'get', name], { encoding: 'utf8', env: systemEnvironment() }).stdout.trim()

const passedOn = ['PATH', 'LANG', 'TERM', 'TMPDIR', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'npm_config_registry', 'NPM_CONFIG_REGISTRY', 'NPM_CONFIG_USERCONFIG', 'NPM_CONFIG_GLOBALCONFIG']
/** The environment of a newcomer's shell: the system's own Node, and nothing of this repository or of the npm that runs the bench. */
const systemEnvironment = (): Record<string, string> => ({
  ...Object.fromEntries(passedOn.flatMap(name => { const value = process.env[name]; return value === undefined ? [] : [[name, value]] })),
  HOME: process.env['HOME'] ?? '/',
  PATH: (process.env['PATH'] ?? '').split(delimiter).filter(place => !place.includes('node_modules')).join(delimiter),
})

const newcomer = (folder: string): Record<string, string> => {
  const cache = npmSetting('cache')
  const userconfig = npmSetting('userconfig')
  const home = join(folder, 'home')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  return {
    ...systemEnvironment(), ...stateIn(home), HOME: home, npm_config_cache: cache, npm_config_prefer_offline: 'true',
    ...(existsSync(userconfig) ? { npm_config_userconfig: userconfig } : {}),
  }
}

/** The negative control for the clone: a command line that thinks for a minute before it begins. */
const stall = (clone: string): void => {
  const file = join(clone, 'packages', 'cli', 'src', 'main.ts')
  writeFileSync(file, `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)\n${readFileSync(file, 'utf8')}`)
}

const question = 'How do I make an API key?'

/** Seconds from nothing to an answered question with its citation. Throws with the command's own words when there was none. */
const cloneToAnswer = (folder: string, stalled: boolean): number => {
  const environment = newcomer(folder)
  const clone = join(folder, 'clone')
  const from = performance.now()
  const git = spawnSync('git', ['clone', '--quiet', '--no-hardlinks', repository, clone], { encoding: 'utf8', env: { ...environment, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' } })
  if (git.status !== 0) throw new Error(`git clone failed: ${git.stderr}`)
  if (stalled) stall(clone)
  const ask = spawnSync('npm', ['run', 'ask', '--', question], { cwd: clone, encoding: 'utf8', env: environment, timeout: 300_000 })
  const seconds = (performance.now() - from) / 1_000
  if (ask.status !== 0 || !/\[1\]/.test(ask.stdout)) throw new Error(`npm run ask gave no cited answer (status ${ask.status}):\n${ask.stdout.slice(-1_000)}\n${ask.stderr.slice(-1_500)}`)
  return seconds
}

const cloneFigure = (rig: Rig, { negativeControl, note }: BenchOptions): Figure => {
  const times: number[] = []
  const once = (name: string): void => {
    try {
      times.push(cloneToAnswer(join(rig.folder, name), negativeControl))
    } catch (error) {
      // No answer is a miss, and takes nothing from the other figures.
      note(error instanceof Error ? error.message : String(error))
      times.push(Number.NaN)
    }
  }
  once('first')
  // A miss may only mean that a package was not cached yet; the first run has cached it.
  if (times.some(time => time >= 60) && !negativeControl) once('second')
  return figureOf({ id: 'P7.clone-to-answer', value: Math.min(...times), unit: 's', bound: { below: 60 }, samples: `${times.length}: the committed state, an empty home, packages cached` })
}

const run = (options: BenchOptions): Promise<readonly Figure[]> => withRig(async rig => {
  const { negativeControl, note } = options
  const build = negativeControl ? slowedBuild : {}
  note(`${starts} starts`)
  const figures = await startFigures(rig, build)
  note(`${openStreams} open streams`)
  const streams = await streamMemoryFigure(rig, build)
  note('a fresh clone, and one command')
  return [...figures, streams, cloneFigure(rig, options)]
})

export const bench: Bench = { title: 'Start, memory, and a fresh clone to its first answer', run }
