import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findChromium, launchChromium } from './support/browser.ts'
import { runJourney, shots, type Journey } from './support/journey.ts'

/**
 * Runs the journeys in real Chromium, each on a server of its own: `node e2e/run.ts [WORD …]` runs those whose file or name holds
 * a word. Ends with `N passed, N failed`; the exit status is 0 only when none failed.
 */
async function main(words: readonly string[]): Promise<boolean> {
  const executable = findChromium()
  if (executable === null) {
    console.log('skipped: all (no Chromium is installed)\n0 passed, 0 failed')
    return true
  }
  mkdirSync(shots, { recursive: true })
  for (const old of readdirSync(shots).filter((name) => name.startsWith('failed-'))) rmSync(join(shots, old))
  const browser = await launchChromium(executable)
  let passed = 0
  let failed = 0
  for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.spec.ts')).toSorted()) {
    const { journeys }: { readonly journeys: readonly Journey[] } = await import(join(import.meta.dirname, file))
    for (const journey of journeys) {
      const name = `${file.replace('.spec.ts', '')}: ${journey.name}`
      if (words.length > 0 && !words.some((word) => name.includes(word))) continue
      try {
        await runJourney(journey, browser)
        passed += 1
        console.log(`ok   ${name}`)
      } catch (error) {
        failed += 1
        console.log(`FAIL ${name}\n${error instanceof Error ? error.stack ?? error.message : String(error)}`)
      }
    }
  }
  await browser.close()
  if (passed + failed === 0) console.log('No journey fits.')
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0
}

process.exitCode = await main(process.argv.slice(2)) ? 0 : 1
