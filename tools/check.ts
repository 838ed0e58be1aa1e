import { findBoundaryOffences, findCycles } from './boundaries.ts'
import { binary, root, run, type Outcome } from './commands.ts'
import { reportControls } from './controls.ts'
import { findDependencyOffences } from './dependencies.ts'
import { findDocumentOffences } from './docs.ts'
import { readImports } from './imports.ts'
import { findSecrets } from './secrets.ts'
import { findStaleReferences } from './settings.ts'
import { describeShape, findShapeOffences } from './shape.ts'
import { readSources, toLine, type Finding, type Source } from './source.ts'

type Check = () => Promise<Outcome>

let sources: readonly Source[] | undefined
/** Parsed once for all the checks that read them. */
const parsed = () => (sources ??= readSources(root))

const judge = async (find: () => readonly Finding[] | Promise<readonly Finding[]>, notes: () => readonly string[] = () => []): Promise<Outcome> => {
  const findings = await find()
  return { status: findings.length === 0 ? 0 : 1, output: [...findings.map(toLine), ...notes()].join('\n') }
}

const findBoundaries = () => {
  const imports = readImports(root, parsed())
  return [...findBoundaryOffences(imports), ...findCycles(imports)]
}

/** Everything that is checked without running the product, in seconds. */
const checks: Readonly<Record<string, Check>> = {
  'types': () => run(binary('tsc'), ['-p', 'tsconfig.json']),
  'page-types': () => run(binary('tsc'), ['-p', 'packages/web/tsconfig.json']),
  'lint': () => run(binary('oxlint'), ['--type-aware', '--deny-warnings', '--report-unused-disable-directives']),
  'dead-code': () => run(binary('knip'), ['--no-progress', '--no-config-hints']),
  'boundaries': () => judge(findBoundaries),
  'shape': () => judge(() => findShapeOffences(parsed()), () => describeShape(parsed())),
  'documents': () => judge(() => findDocumentOffences(root)),
  'settings': () => judge(() => findStaleReferences(root)),
  'dependencies': () => judge(() => findDependencyOffences(root)),
  'secrets': () => judge(() => findSecrets(root)),
  'controls': () => judge(() => reportControls(root).findings),
}

interface Result extends Outcome { readonly name: string; readonly seconds: number }

async function timed(name: string, check: Check): Promise<Result> {
  const start = performance.now()
  const outcome = await check().catch((error: unknown): Outcome => ({ status: 1, output: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
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
    if (output !== '' && (status !== 0 || name === 'shape')) console.log(output.replaceAll(/^/gm, '     '))
  }
  const failed = results.filter(({ status }) => status !== 0)
  console.log(failed.length === 0 ? `${results.length} checks passed` : `${failed.length} of ${results.length} checks failed: ${failed.map(({ name }) => name).join(', ')}`)
  return failed.length === 0
}

process.exitCode = await main(process.argv.slice(2)) ? 0 : 1
