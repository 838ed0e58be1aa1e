/** `npm run faults -- [NAME …] [--json] [--rounds N] [--seed S]`: what is left when something breaks at a bad moment. */
import { parseArgs } from 'node:util'
import type { Fault, Figure } from './lib/figure.ts'

/** Add one: write `<name>.ts` that exports a `Fault`, add its line here. */
const faults: Readonly<Record<string, () => Promise<Fault>>> = {
  kill: async () => (await import('./kill.ts')).kill,
  writer: async () => (await import('./writer.ts')).writer,
  resume: async () => (await import('./resume.ts')).resumption,
  'power-cut': async () => (await import('./power-cut.ts')).powerCut,
  'disk-full': async () => (await import('./disk-full.ts')).diskFull,
  'io-error': async () => (await import('./io-error.ts')).ioError,
  provider: async () => (await import('./provider.ts')).provider,
  breaker: async () => (await import('./breaker.ts')).breaker,
  overload: async () => (await import('./overload.ts')).overload,
  'slow-clients': async () => (await import('./slow-clients.ts')).slowClients,
  fair: async () => (await import('./fair.ts')).fair,
  redis: async () => (await import('./redis.ts')).redisLost,
  restart: async () => (await import('./restart.ts')).restart,
  revocation: async () => (await import('./revocation.ts')).revocation,
  races: async () => (await import('./races.ts')).races,
  backup: async () => (await import('./backup.ts')).backup,
  rotate: async () => (await import('./rotate.ts')).rotate,
}

const usage = `npm run faults -- [${Object.keys(faults).join('|')} …] [--json] [--rounds N] [--seed S]`

interface Options { readonly json: boolean; readonly rounds: number | null; readonly seed: number }

const lineOf = ({ id, ok, value, unit, target, samples }: Figure) =>
  `${ok ? target === null ? '    ' : 'ok  ' : 'MISS'} ${id}  ${value} ${unit}${target === null ? '' : ` (${target})`}  ${samples}`

/** Runs one fault and prints its figures. True when all of them hold. */
async function runOne(name: string, fault: Fault, { json, rounds, seed }: Options): Promise<boolean> {
  const hindrance = fault.hindrance()
  if (hindrance !== null) {
    console.error(`skipped: ${name} (${hindrance})`)
    return true
  }
  if (!json) console.log(`\n${fault.title}`)
  const figures = await fault.run({ rounds: rounds ?? fault.rounds, seed, note: (line) => { console.error(`  ${line}`) } })
  for (const figure of figures) console.log(json ? JSON.stringify(figure) : lineOf(figure))
  return figures.length > 0 && figures.every(({ ok }) => ok)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, rounds: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) { console.log(usage); return 0 }
  const unknown = positionals.filter((name) => !(name in faults))
  const rounds = values.rounds === undefined ? null : Number(values.rounds)
  const seed = values.seed === undefined ? Math.floor(performance.timeOrigin) % 4_294_967_296 : Number(values.seed)
  if (unknown.length > 0 || (rounds !== null && !(Number.isInteger(rounds) && rounds > 0)) || !Number.isInteger(seed)) {
    console.error(unknown.length > 0 ? `There is no fault called ${unknown.join(', ')}.\n${usage}` : usage)
    return 2
  }
  console.error(`seed ${seed}`)
  const missed: string[] = []
  for (const [name, load] of Object.entries(faults)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    if (!await runOne(name, await load(), { json: values.json, rounds, seed })) missed.push(name)
  }
  if (missed.length > 0) console.error(`Short of the target: ${missed.join(', ')}`)
  return missed.length === 0 ? 0 : 1
}

// What runs, lies about or is mounted goes with this process; only an ordinary exit tells them so.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => { process.exit(130) })
process.exitCode = await main()
