/**
 * Where the processor time goes: `node bench/profile.ts [--streamed | --paced] [--bare] [--plain] [--clients N] [--seconds N] [--top N]`
 * loads the real server (or the bare proxy) under `--cpu-prof`, and prints per request what each thread spent, and the functions,
 * files and packages that took most of it. `--plain` leaves the profiler out, `--node-arg=--FLAG` tries a flag of V8 or Node.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { targetFor } from './lib/request.ts'
import { withRig } from './lib/rig.ts'
import { startBare } from './peers/bare-peer.ts'
import { startSallyport } from './peers/sallyport.ts'

const Profile = z.object({
  nodes: z.array(z.object({
    id: z.int(), children: z.array(z.int()).optional(),
    callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
  })),
  startTime: z.number(), samples: z.array(z.int()), timeDeltas: z.array(z.number()),
})
type ProfileData = z.output<typeof Profile>

const root = fileURLToPath(new URL('../', import.meta.url))
const placeOf = (url: string): string => url.replace('file://', '').replace(root, '').replace(/^.*node_modules\//, '~')
const say = (line: string): void => { process.stdout.write(`${line}\n`) }
const idle = new Set(['(idle)', '(root)'])

interface Costs { readonly self: Map<string, number>; readonly inclusive: Map<string, number>; readonly places: Map<string, number>; busy: number }
const add = (map: Map<string, number>, key: string, value: number): void => { map.set(key, (map.get(key) ?? 0) + value) }

/** Sums what a profile saw after `from` (microseconds of the monotonic clock) by function (self, and with all that it called), and by package or file. */
const costsOf = ({ nodes, startTime, samples, timeDeltas }: ProfileData, from: number): Costs => {
  const own = new Map<number, number>()
  let now = startTime
  samples.forEach((id, at) => {
    const delta = timeDeltas[at] ?? 0
    now += delta
    if (now > from) own.set(id, (own.get(id) ?? 0) + delta)
  })
  const byId = new Map(nodes.map(node => [node.id, node]))
  const parents = new Map(nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id])))
  const costs: Costs = { self: new Map(), inclusive: new Map(), places: new Map(), busy: 0 }
  for (const node of nodes) {
    const time = own.get(node.id) ?? 0
    if (time === 0 || idle.has(node.callFrame.functionName)) continue
    costs.busy += time
    const { functionName, url } = node.callFrame
    add(costs.self, labelOf(node.callFrame), time)
    add(costs.places, url === '' ? functionName : packageOf(placeOf(url)), time)
    const seen = new Set<string>()
    for (let at: number | undefined = node.id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame
      if (frame !== undefined && frame.url.includes('/packages/')) seen.add(labelOf(frame))
    }
    for (const label of seen) add(costs.inclusive, label, time)
  }
  return costs
}
const labelOf = ({ functionName, url, lineNumber }: ProfileData['nodes'][number]['callFrame']): string => `${functionName === '' ? '(anonymous)' : functionName} ${url === '' ? '' : `${placeOf(url)}:${lineNumber + 1}`}`
const packageOf = (place: string): string => place.startsWith('~') ? (/^~(@[^/]+\/[^/]+|[^/]+)/.exec(place)?.[0] ?? place) : place.startsWith('node:') ? place.split('/').slice(0, 2).join('/') : place

const print = (title: string, map: ReadonlyMap<string, number>, { busy, requests, top }: { readonly busy: number; readonly requests: number; readonly top: number }): void => {
  say(`\n${title}`)
  for (const [name, time] of [...map].toSorted((a, b) => b[1] - a[1]).slice(0, top)) say(`${(time / busy * 100).toFixed(1).padStart(6)} %  ${(time / requests).toFixed(1).padStart(7)} µs  ${name}`)
}

const { values } = parseArgs({ options: { streamed: { type: 'boolean', default: false }, paced: { type: 'boolean', default: false }, bare: { type: 'boolean', default: false }, plain: { type: 'boolean', default: false }, 'node-arg': { type: 'string', multiple: true, default: [] }, clients: { type: 'string', default: '16' }, seconds: { type: 'string', default: '6' }, top: { type: 'string', default: '40' } } })

/** Microseconds that each thread has spent on a processor, by the thread's name. */
const threadsOf = (pid: number): ReadonlyMap<string, number> => {
  const threads = new Map<string, number>()
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const [name, spent] = ['comm', 'schedstat'].map(file => readFileSync(`/proc/${pid}/task/${id}/${file}`, 'utf8').trim())
    add(threads, `${id === String(pid) ? 'main' : name}`, Number(spent?.split(' ')[0]) / 1_000)
  }
  return threads
}

const streamed = values.streamed || values.paced
await withRig(async rig => {
  const profiles = join(rig.folder, 'profiles')
  mkdirSync(profiles)
  const nodeArgs = [...values['node-arg'], ...(values.plain ? [] : ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', profiles])]
  const peer = await rig.own(values.bare ? startBare(rig, nodeArgs) : startSallyport(rig, { nodeArgs }))
  const load = { kind: 'closed-loop', target: targetFor(peer, { model: values.paced ? 'bench-paced' : 'bench-burst', stream: streamed }), clients: values.paced ? 64 : Number(values.clients), milliseconds: 2_000, perClient: null, streamed } as const
  await rig.loader.run(load)
  const from = Number(process.hrtime.bigint() / 1_000n)
  const before = threadsOf(peer.pid)
  const report = await rig.loader.run({ ...load, milliseconds: Number(values.seconds) * 1_000 })
  const threads = [...threadsOf(peer.pid)].map(([name, spent]) => [name, (spent - (before.get(name) ?? 0)) / report.requests] as const)
  if (report.failures > 0) throw new Error(`${report.failures} of ${report.requests} requests failed: ${report.refusal}`)
  await peer.stop()
  say(`${report.requests} requests in ${report.seconds.toFixed(1)} s${values.plain ? '' : ', under the profiler'}. Processor time of each, by thread:`)
  say(threads.filter(([, spent]) => spent >= 1).toSorted((a, b) => b[1] - a[1]).map(([name, spent]) => `${name} ${spent.toFixed(0)} µs`).join(', '))
  for (const file of values.plain ? [] : readdirSync(profiles).toSorted()) {
    const costs = costsOf(Profile.parse(JSON.parse(readFileSync(join(profiles, file), 'utf8'))), from)
    const scale = { busy: costs.busy, requests: report.requests, top: Number(values.top) }
    say(`\n=== thread ${Number(file.split('.').at(-3))}: ${(costs.busy / 1e6).toFixed(2)} s not idle`)
    print('By function, its own time', costs.self, scale)
    print('By function of ours, with all that it called', costs.inclusive, scale)
    print('By package or file, own time', costs.places, { ...scale, top: 25 })
  }
})
