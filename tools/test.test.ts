import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { binary, root } from './commands.ts'
import { tallySchema } from './test-reporter.ts'

/** Runs the tests of the test database where there is none, and gives the tally. */
function runWithoutPostgres(required: string) {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-tally-'))
  try {
    const file = join(directory, 'tally.json')
    const { status } = spawnSync(process.execPath, [binary('vitest'), 'run', '--reporter=tools/test-reporter.ts', '-t', 'test database', 'packages/server/src/testing/postgres.test.ts'], {
      cwd: root,
      env: { ...process.env, SALLYPORT_TEST_POSTGRES_URL: 'postgres://postgres@127.0.0.1:1/postgres', SALLYPORT_TEST_REQUIRE: required, SALLYPORT_TEST_TALLY: file },
    })
    return { status, ...tallySchema.parse(JSON.parse(readFileSync(file, 'utf8'))) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test('what a machine lacks is skipped, and its name says why', () => {
  const { status, failed, skipped } = runWithoutPostgres('')
  expect({ status, failed }).toEqual({ status: 0, failed: 0 })
  expect(skipped.map(({ name }) => name).join('\n')).toMatch(/a test database \(PostgreSQL at SALLYPORT_TEST_POSTGRES_URL: .*\)/)
})

test('a required service that is absent is a failure', () => {
  const { status, failed } = runWithoutPostgres('postgres')
  expect(status).toBe(1)
  expect(failed).toBe(1)
})
