import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compose } from '../../src/compose/index.ts'
import { loadConfig } from '../../src/config/load.ts'

let home: string
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'sallyport-first-start-')) })
afterEach(async () => { await rm(home, { recursive: true, force: true }) })

test('a first start that does not reach its database says nothing of a store: the next one may name another vault', async () => {
  const places = { SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config'), SALLYPORT_LOG_LEVEL: 'silent', SALLYPORT_STORE_URL: 'postgres://sallyport@127.0.0.1:1/sallyport' }
  await expect(compose(loadConfig({}, places))).rejects.toThrow('store.url')
  expect(await readdir(join(home, 'data'))).not.toContain('store.json')
  const next = loadConfig({}, { ...places, SALLYPORT_VAULT_KIND: 'given-key', SALLYPORT_VAULT_KEY: 'env:KEY', KEY: 'ab'.repeat(32) })
  await expect(compose(next)).rejects.toThrow('store.url')
})
