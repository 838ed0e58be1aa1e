/** `npm run bench -- [NAME …] [--json] [--negative-control] [--samples N]`: speed and cost, each against its baseline in one run. */
import { parseArgs } from 'node:util'
import type { Bench } from './lib/bench.ts'
import { tableOf, type Figure } from './lib/figure.ts'
import { describeMachine } from './lib/machine.ts'

/** Add one: write `bench/<name>.ts` with an exported `bench`, add its line here. */
const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  gateway: () => import('./gateway.ts'),
  start: () => import('./start.ts'),
  data: () => import('./data.ts'),
  timing: () => import('./timing.ts'),
  limits: () => import('./limits.ts'),
  identity: () => import('./identity.ts'),
  guesses: () => import('./guesses.ts'),
}

const usage = `npm run bench -- [${Object.keys(benches).join('|')} …] [--json] [--negative-control] [--samples N]\n`
const say = (line: string): void => { process.stdout.write(`${line}\n`) }
/** Progress goes where it cannot spoil a reader of the figures. */
const note = (line: string): void => { process.stderr.write(`  ${line}\n`) }

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, 'negative-control': { type: 'boolean', default: false }, samples: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) { process.stdout.write(usage); return 0 }
  const unknown = positionals.filter(name => !(name in benches))
  if (unknown.length > 0) { process.stderr.write(`There is no bench called ${unknown.join(', ')}.\n${usage}`); return 2 }

  const machine = describeMachine()
  if (values.json) {
    say(JSON.stringify({ id: 'machine.versions', value: 1, unit: 'machine', target: null, ok: true, samples: machine.line, versions: machine.versions }))
    for (const figure of machine.figures) say(JSON.stringify(figure))
  } else say(`${machine.line}\n\n${tableOf(machine.figures)}`)

  const judged: Figure[] = []
  for (const name of positionals.length === 0 ? Object.keys(benches) : positionals) {
    const load = benches[name]
    if (load === undefined) continue
    const { bench } = await load()
    if (!values.json) say(`\n${bench.title}${values['negative-control'] ? ' — the negative control, which must fall short everywhere' : ''}`)
    const figures = await bench.run({ negativeControl: values['negative-control'], note, samples: values.samples === undefined ? null : Number(values.samples) })
    if (values.json) for (const figure of figures) say(JSON.stringify(figure))
    else say(tableOf(figures))
    judged.push(...figures.filter(figure => figure.target !== null))
  }
  return verdict(judged, values)
}

/** 0 when every figure holds; for the negative control, when every one fell short. */
const verdict = (judged: readonly Figure[], options: { readonly json: boolean; readonly 'negative-control': boolean }): number => {
  const missed = judged.filter(figure => !figure.ok).length
  const wanted = options['negative-control'] ? judged.length : 0
  if (!options.json) say(`\n${judged.length - missed} of ${judged.length} figures within target${options['negative-control'] ? (missed === wanted ? ', as the negative control must be' : ': the negative control was not caught') : ''}`)
  return judged.length > 0 && missed === wanted ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`The bench could not run: ${error instanceof Error ? error.message : String(error)}\n`)
  return 3
})
