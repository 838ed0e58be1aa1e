import { parseArgs } from 'node:util'
import { evaluate, removable } from './eval-figures.ts'

/**
 * Prints the guard's figures: `npm run eval -- --data DIR [--cross-validate] [--only G5,G6] [--without TYPE] [--json] [--verbose]`. The exit status is 0
 * only when every figure is met and there is one. `--without` takes one detector away: the command must then fail.
 */
function main(): number {
  const { values } = parseArgs({ options: { data: { type: 'string' }, json: { type: 'boolean' }, 'cross-validate': { type: 'boolean' }, verbose: { type: 'boolean' }, without: { type: 'string' }, only: { type: 'string' } } })
  if (values.data === undefined) {
    console.error('Say where the data is: npm run eval -- --data DIR [--cross-validate] [--only G5,G6] [--without TYPE] [--json] [--verbose]')
    return 2
  }
  if (values.without !== undefined && !removable.includes(values.without)) {
    console.error(`There is no detector ${values.without}. Choose among ${removable.join(', ')}.`)
    return 2
  }
  const { figures, notes } = evaluate({ data: values.data, without: values.without, only: values.only?.split(','), isCrossValidated: values['cross-validate'] === true, isVerbose: values.verbose === true })
  if (values.json === true) for (const figure of figures) console.log(JSON.stringify(figure))
  else {
    for (const { id, name, value, unit, target, ok, samples } of figures) console.log(`${ok ? 'ok  ' : 'MISS'} ${id}  ${name}: ${value} ${unit === 'share' ? '' : unit} (target ${target}; n = ${samples})`)
    for (const note of notes) console.log(`     ${note}`)
    console.log(`Node ${process.version}; ${figures.filter(({ ok }) => !ok).length} of ${figures.length} figures fall short.`)
  }
  return figures.length > 0 && figures.every(({ ok }) => ok) ? 0 : 1
}

process.exitCode = main()
