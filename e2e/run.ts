import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { findChromium, launchChromium } from './support/browser.ts'
import { runJourney, shots, type Journey } from './support/journey.ts'

/** Journeys that run beside each other: they mostly wait. Those of one file never do, for they may share what their file starts. */
const LANES = 2

interface Tally { passed: number; failed: number }

async function runFile(file: string, { words, browser, tally }: { readonly words: readonly string[]; readonly browser: Browser; readonly tally: Tally }): Promise<void> {
  const { journeys }: { readonly journeys: readonly Journey[] } = await import(join(import.meta.dirname, file))
  for (const journey of journeys) {
    const name = `${file.replace('.spec.ts', '')}: ${journey.name}`
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue
    const start = performance.now()
    try {
      await runJourney(journey, browser)
      tally.passed += 1
      console.log(`ok   ${name} (${((performance.now() - start) / 1_000).toFixed(0)} s)`)
    } catch (error) {
      tally.failed += 1
      console.log(`FAIL ${name}\n${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    }
  }
}

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
  const tally = { passed: 0, failed: 0 }
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.spec.ts')).toSorted()
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) await runFile(file, { words, browser, tally })
  }))
  await browser.close()
  if (tally.passed + tally.failed === 0) console.log('No journey fits.')
  console.log(`${tally.passed} passed, ${tally.failed} failed`)
  return tally.failed === 0 && tally.passed > 0
}

process.exitCode = await main(process.argv.slice(2)) ? 0 : 1
