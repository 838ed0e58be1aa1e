import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { keepsSilent, losesMessages } from './backup.ts'
import { PATCHED_SOURCE, type Patch } from './lib/patches.ts'
import { start } from './lib/process.ts'

const Line = z.object({ id: z.string(), ok: z.boolean() })

/** The figures of one round, played by a process of its own over patched sources, and whether each holds. */
async function play(patches: readonly Patch[]): Promise<Readonly<Record<string, boolean>>> {
  const running = start({
    command: process.execPath, args: ['--import', PATCHED_SOURCE, join(import.meta.dirname, 'run.ts'), 'backup', '--rounds', '1', '--seed', '7', '--json'],
    environment: { SALLYPORT_TEST_PATCHES: JSON.stringify(patches) },
  })
  await running.ended
  const lines = running.output().split('\n').filter((line) => line.startsWith('{'))
  if (lines.length === 0) throw new Error(`No figures: ${running.output()}`)
  return Object.fromEntries(lines.map((line) => Line.parse(JSON.parse(line))).map(({ id, ok }) => [id, ok]))
}

test('what was backed up comes back whole, and no damaged backup is taken', { timeout: 240_000 }, async () => {
  expect(await play([])).toEqual({ 'R10.cycles-equal': true, 'R10.damaged-accepted': true, 'R10.live-data-touched': true })
})

test('a restore that loses messages is found out', { timeout: 240_000 }, async () => {
  expect(await play(losesMessages)).toMatchObject({ 'R10.cycles-equal': false })
})

test('a restore that says nothing of what it could not restore is found out', { timeout: 240_000 }, async () => {
  expect(await play(keepsSilent)).toMatchObject({ 'R10.damaged-accepted': false })
})
