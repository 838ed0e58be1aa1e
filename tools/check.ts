import { binary, run, type Outcome } from './commands.ts'

type Check = () => Promise<Outcome>

/** Everything that is checked without running the product, in seconds. */
const checks: Readonly<Record<string, Check>> = {
  'types': () => run(binary('tsc'), ['-p', 'tsconfig.json']),
  'types of the page': () => run(binary('tsc'), ['-p', 'packages/web/tsconfig.json']),
  'lint': () => run(binary('oxlint'), ['--type-aware', '--deny-warnings', '--report-unused-disable-directives']),
}

interface Result extends Outcome { readonly name: string; readonly seconds: number }

async function timed(name: string, check: Check): Promise<Result> {
  const start = performance.now()
  const outcome = await check()
  return { name, ...outcome, seconds: (performance.now() - start) / 1_000 }
}

/** Runs the named checks, or all, each at once. True when every one passed. */
async function main(names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => !(name in checks))
  if (unknown.length > 0) {
    console.error(`There is no check "${unknown.join('", "')}". There are: ${Object.keys(checks).join(', ')}.`)
    return false
  }
  const chosen = Object.entries(checks).filter(([name]) => names.length === 0 || names.includes(name))
  const results = await Promise.all(chosen.map(([name, check]) => timed(name, check)))
  for (const { name, status, output, seconds } of results) {
    console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)`)
    if (output !== '' && status !== 0) console.log(output.replaceAll(/^/gm, '     '))
  }
  const failed = results.filter(({ status }) => status !== 0)
  console.log(failed.length === 0 ? `${results.length} checks passed` : `${failed.length} of ${results.length} checks failed: ${failed.map(({ name }) => name).join(', ')}`)
  return failed.length === 0
}

process.exitCode = await main(process.argv.slice(2)) ? 0 : 1
