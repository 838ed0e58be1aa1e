import { writeFileSync } from 'node:fs'
import * as z from 'zod'
import type { Reporter, TestModule } from 'vitest/node'

/** What a run of the unit tests comes to. A file that does not load counts as one failure. */
export const tallySchema = z.strictObject({
  passed: z.number(),
  failed: z.number(),
  skipped: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  /** The files with failures, each a way to run it alone; empty where something failed outside every test. */
  failedIn: z.array(z.string()),
})
export type Tally = z.infer<typeof tallySchema>

function countModule(module: TestModule, tally: Tally): void {
  const states = [...module.children.allTests()]
  for (const test of states) {
    const result = test.result()
    if (result.state === 'passed') tally.passed += 1
    else if (result.state === 'skipped') tally.skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason: result.note ?? '' })
    else tally.failed += 1
  }
  if (module.state() === 'failed' && !states.some((test) => test.result().state === 'failed')) tally.failed += 1
  if (module.state() === 'failed') tally.failedIn.push(module.relativeModuleId)
}

/** Writes the tally of the run as JSON to the file that `SALLYPORT_TEST_TALLY` names. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: unhandledErrors.length, skipped: [], failedIn: [] }
    for (const module of modules) countModule(module, tally)
    if (unhandledErrors.length > 0) tally.failedIn.length = 0
    const file = process.env['SALLYPORT_TEST_TALLY']
    if (file !== undefined) writeFileSync(file, JSON.stringify(tally))
  }
}
