import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binary, root } from './commands.ts'
import { tallySchema, type Tally } from './test-reporter.ts'

/** `run` takes what alone is to be run again; all when empty. */
interface Step { readonly name: string; readonly run: (only: readonly string[]) => Promise<Tally> }

const NOTHING: Tally = { passed: 0, failed: 0, skipped: [], failedIn: [] }
/** More files than these do not fail by chance: they are not run again. */
const RUN_AGAIN_AT_MOST = 3
/** What a run ends with, alone on its line. */
const CLOSING_LINE = /^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$/

/** Runs a program of the repository with what it says shown as it comes, and kept. */
function show(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk)
      output += chunk.toString('utf8')
    })
    child.on('error', () => { resolve({ status: 127, output }) })
    child.on('close', (status) => { resolve({ status: status ?? 1, output }) })
  })
}

async function runChecks(): Promise<Tally> {
  const { status, output } = await show(process.execPath, ['tools/check.ts'], {})
  const lines = output.split('\n')
  const passed = lines.filter((line) => line.startsWith('ok  ')).length
  const failed = lines.filter((line) => line.startsWith('FAIL')).length
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed, skipped: [], failedIn: [] }
}

async function runVitest(args: readonly string[]): Promise<Tally> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-tally-'))
  const file = join(directory, 'tally.json')
  try {
    const vitest = [binary('vitest'), 'run', '--reporter=dot', '--reporter=tools/test-reporter.ts', ...args]
    const { status } = await show(process.execPath, vitest, { SALLYPORT_TEST_TALLY: file })
    if (!existsSync(file)) return { ...NOTHING, failed: 1 }
    const tally = tallySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return status !== 0 && tally.failed === 0 ? { ...tally, failed: 1, failedIn: [] } : tally
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const isRequired = (need: string) => (process.env['SALLYPORT_TEST_REQUIRE'] ?? '').split(',').map((name) => name.trim()).includes(need)

/**
 * The journeys run in a browser. They end with a line of counts as well, and a line `skipped: NAME (REASON)` names what they left out;
 * where a browser is required that is a failure.
 */
async function runJourneys(only: readonly string[]): Promise<Tally> {
  const { status, output } = await show(process.execPath, ['tools/run.cjs', '--page', 'e2e/run.ts', ...only], {})
  const lines = output.trimEnd().split('\n')
  const [, passed = '0', failed = '0'] = lines.map((line) => CLOSING_LINE.exec(line)).findLast((match) => match !== null) ?? []
  const skipped = lines.flatMap((line) => {
    const match = /^skipped: (.+?)(?: \((.+)\))?$/.exec(line)
    return match === null ? [] : [{ name: `journeys: ${match[1] ?? ''}`, reason: match[2] ?? '' }]
  })
  const failedIn = lines.filter((line) => line.startsWith('FAIL ')).map((line) => line.slice('FAIL '.length))
  const counted = { passed: Number(passed), failedIn }
  const tally = isRequired('chromium') ? { ...counted, failed: Number(failed) + skipped.length, skipped: [] } : { ...counted, failed: Number(failed), skipped }
  return tally.failed === 0 && (status !== 0 || tally.passed + skipped.length === 0) ? { ...tally, failed: 1 } : tally
}

const steps: readonly Step[] = [
  { name: 'checks', run: runChecks },
  { name: 'tests', run: runVitest },
  ...(existsSync(join(root, 'e2e', 'run.ts')) ? [{ name: 'journeys', run: runJourneys }] : []),
]

/**
 * Runs a step, and what failed in it once more, alone: that tells a defect from a test that the load of the others upset. The
 * latter passes, and is named, for it is to be mended.
 */
async function runStep({ run }: Step, unsteady: string[]): Promise<Tally> {
  const tally = await run([])
  if (tally.failedIn.length === 0 || tally.failedIn.length > RUN_AGAIN_AT_MOST) return tally
  console.log(`\n# once more, alone: ${tally.failedIn.join(', ')}`)
  const again = await run(tally.failedIn)
  if (again.failed > 0) return tally
  unsteady.push(...tally.failedIn)
  return { ...tally, passed: tally.passed + tally.failed, failed: 0 }
}

async function main(): Promise<boolean> {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const summary: string[] = []
  const skipped: Tally['skipped'] = []
  const unsteady: string[] = []
  for (const step of steps) {
    const start = performance.now()
    console.log(`\n# ${step.name}`)
    const tally = await runStep(step, unsteady)
    total.passed += tally.passed
    total.failed += tally.failed
    total.skipped += tally.skipped.length
    skipped.push(...tally.skipped)
    const seconds = ((performance.now() - start) / 1_000).toFixed(0)
    summary.push(`${step.name}: ${tally.passed} passed, ${tally.failed} failed, ${tally.skipped.length} skipped (${seconds} s)`)
  }
  console.log('')
  for (const { name, reason } of skipped) console.log(`skipped: ${name}${reason === '' ? '' : ` (${reason})`}`)
  for (const name of unsteady) console.log(`unsteady: ${name} (failed beside the others, passed alone)`)
  for (const line of summary) console.log(line)
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed === 0 && total.passed > 0
}

process.exitCode = await main() ? 0 : 1
