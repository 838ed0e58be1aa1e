import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fetchSecrets } from '../../compose/secret-references.ts'
import { ConfigProblem, readConfig, type Config } from '../../config/load.ts'
import { openKeyValueService, openSecretsManager, type KeyService } from '../../testing/key-service.ts'

const KEY = 'sk-planted-in-a-service-9'
const TOKEN = 'a token of the tests'
const AWS = { accessKeyId: 'EXAMPLEACCESSKEY', secretAccessKey: 'a secret of the tests', region: 'eu-central-1' } as const

let home: string
let places: Record<string, string>
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sallyport-sources-'))
  places = { SALLYPORT_CONFIG_DIR: home, SALLYPORT_DATA_DIR: join(home, 'data') }
})
afterEach(async () => { await rm(home, { recursive: true, force: true }) })

interface Rig {
  readonly name: string
  readonly serve: () => Promise<KeyService>
  readonly settings: (service: KeyService) => Record<string, string>
  readonly reference: string
  readonly missing: readonly string[]
  /** The credential without which nothing is given. */
  readonly credential: string
}
const rigs: readonly Rig[] = [
  {
    name: 'Vault', serve: () => openKeyValueService({ token: TOKEN, secrets: { 'secret/sallyport/openai': { key: KEY, value: `${KEY}-value` } } }),
    settings: ({ url }) => ({ SALLYPORT_REFERENCES_VAULT_ADDRESS: url, SALLYPORT_REFERENCES_VAULT_TOKEN: 'env:CREDENTIAL', CREDENTIAL: TOKEN }),
    reference: 'vault:secret/sallyport/openai#key', missing: ['vault:secret/sallyport/other#key', 'vault:secret/sallyport/openai#other'], credential: 'SALLYPORT_REFERENCES_VAULT_TOKEN',
  },
  {
    name: 'AWS Secrets Manager', serve: () => openSecretsManager({ ...AWS, secrets: { 'prod/sallyport': JSON.stringify({ key: KEY }), plain: KEY } }),
    settings: ({ url }) => ({ SALLYPORT_REFERENCES_AWS_ADDRESS: url, SALLYPORT_REFERENCES_AWS_REGION: AWS.region, SALLYPORT_REFERENCES_AWS_ACCESS_KEY_ID: 'env:ID', SALLYPORT_REFERENCES_AWS_SECRET_ACCESS_KEY: 'env:CREDENTIAL', ID: AWS.accessKeyId, CREDENTIAL: AWS.secretAccessKey }),
    reference: 'aws:prod/sallyport#key', missing: ['aws:prod/other', 'aws:prod/sallyport#other', 'aws:plain#key'], credential: 'SALLYPORT_REFERENCES_AWS_SECRET_ACCESS_KEY',
  },
]

const provider = (reference: string) => writeFile(join(home, 'sallyport.json'), JSON.stringify({ providers: { one: { adapter: 'openai', credential: reference } } }), { mode: 0o600 })
const read = (settings: Record<string, string>): Promise<Config> => readConfig(fetchSecrets, { ...places, SALLYPORT_REFERENCES_ALLOW_PRIVATE_ADDRESS: 'true', ...settings })
async function problems(settings: Record<string, string>): Promise<readonly string[]> {
  try {
    await read(settings)
    return []
  } catch (error) {
    if (!(error instanceof ConfigProblem)) throw error
    expect(error.message).not.toContain(KEY)
    expect(error.message).not.toMatch(/of the tests/)
    return error.problems
  }
}

describe.each(rigs)('a reference to $name', ({ serve, settings, reference, missing, credential }) => {
  test('gives the secret that is kept there, as a Secret', async () => {
    await using service = await serve()
    await provider(reference)
    const config = await read(settings(service))
    expect(config.providers['one']?.credential?.reveal()).toBe(KEY)
    expect(JSON.stringify(config)).not.toContain(KEY)
    expect(service.calls).toHaveLength(1)
  })

  test('to what is not there stops the start, naming the reference alone', async () => {
    await using service = await serve()
    for (const other of missing) {
      await provider(other)
      expect(await problems(settings(service))).toEqual([`${other}: nothing is kept there under that name and field. Put it there, or mend the reference.`])
    }
  })

  test('with a wrong credential, without one, or without the service stops the start', async () => {
    await using service = await serve()
    await provider(reference)
    expect(await problems({ ...settings(service), CREDENTIAL: 'another secret altogether' })).toEqual([expect.stringMatching(/refuses|does not give/)])
    const { [credential]: _, ...without } = settings(service)
    expect(await problems(without)).toEqual([expect.stringMatching(/^references\./)])
    expect(await problems({ ...settings(service), SALLYPORT_REFERENCES_ALLOW_PRIVATE_ADDRESS: 'false' })).toEqual([expect.stringMatching(/does not answer/)])
    service.mood = 'garbled'
    expect(await problems(settings(service))).toHaveLength(1)
  }, 30_000)

  test('is told of together with everything else', async () => {
    await using service = await serve()
    await provider(missing[0] ?? '')
    expect((await problems({ ...settings(service), SALLYPORT_HTTP_PORT: 'x', SALLYPORT_NONSENSE: '1' })).map((problem) => problem.split(': ')[0]).toSorted()).toEqual(['SALLYPORT_NONSENSE', 'http.port', missing[0]].toSorted())
  })
})

describe('a configuration without such references', () => {
  test('asks nobody, whatever addresses are set', async () => {
    await using service = await openKeyValueService({ token: TOKEN, secrets: {} })
    await read({ SALLYPORT_REFERENCES_VAULT_ADDRESS: service.url, OPENAI_API_KEY: KEY })
    expect(service.calls).toEqual([])
  })

  test('cannot keep the key to a service in that service', async () => {
    expect(await problems({ SALLYPORT_REFERENCES_VAULT_TOKEN: 'vault:secret/x#token' })).toEqual([expect.stringMatching(/^references\.vaultToken: Name where the secret is/)])
  })
})
