import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigProblem, loadConfig } from '../../src/config/load.ts'
import { openFederation, requestFor, start } from '../federation/support.ts'

// The attack: a copy of a production server is started for staging, and goes to people's identity provider with the client secret of production.

test('a production server that is started for staging does not use the client secret of an identity provider, and says why', async () => {
  await using federation = await openFederation()
  await federation.save()
  const { server, provider } = federation
  const offered = async () => (await server.call('GET', '/api/v1/sign-in-providers')).text
  expect(await offered()).toContain('company')
  expect((await server.sallyport.notices()).join('\n')).not.toMatch(/company/)

  await server.restart({ ENVIRONMENT: 'staging' })
  const owner = await server.renew(federation.owner)
  expect(await offered()).not.toContain('company')
  expect((await fetch(start(server), { redirect: 'manual' })).headers.get('location') ?? '').not.toContain(new URL(provider.issuer).host)
  expect((await server.sallyport.notices()).join('\n')).toMatch(/Nobody can sign in with company: its client secret is for production, and this server is for staging/)
  expect((await owner.call('GET', '/api/v1/identity-providers')).text).toContain('"environment":"production"')

  // Nor does saving it again turn the one into the other.
  const { clientSecret: _, ...without } = requestFor(provider)
  const refused = await owner.call('PUT', '/api/v1/identity-providers/company', without)
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('Its client secret is for production, and this server is for staging')
  expect(await offered()).not.toContain('company')

  expect((await owner.call('PUT', '/api/v1/identity-providers/company', requestFor(provider))).status).toBe(200)
  expect(await offered()).toContain('company')
  expect((await fetch(start(server), { redirect: 'manual' })).headers.get('location') ?? '').toContain(new URL(provider.issuer).host)
}, 60_000)

test('a configured one that is for something else than the server refuses the start', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-environment-'))
  try {
    const identityProviders = { company: { label: 'Company', protocol: { kind: 'oidc', issuer: 'https://idp.example.org' }, clientId: 'sallyport', clientSecret: 'env:OF_COMPANY', environment: 'production' } }
    await writeFile(join(home, 'sallyport.json'), JSON.stringify({ identityProviders }), { mode: 0o600 })
    const load = (environment: string) => loadConfig({}, { SALLYPORT_CONFIG_DIR: home, SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_ENVIRONMENT: environment, OF_COMPANY: 'a-client-secret' })
    expect(() => load('staging')).toThrow(ConfigProblem)
    expect(() => load('staging')).toThrow(/identityProviders\.company\.environment: This key is for production/)
    expect(load('production').identityProviders['company']?.environment).toBe('production')
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
