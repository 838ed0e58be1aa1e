import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CDPSession, Page } from 'playwright-core'
import type { Journey, Stage } from './support/journey.ts'
import { owner, setUp } from './support/steps.ts'

/** A browser profile with an authenticator of Chromium's own, whose person is always there (WebAuthn's virtual authenticators over CDP). */
interface Person { readonly page: Page; readonly client: CDPSession; readonly authenticatorId: string }
interface Answer { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

async function openPerson({ browser, defer }: Stage): Promise<Person> {
  const context = await browser.newContext({ locale: 'en-GB' })
  defer(() => context.close())
  const page = await context.newPage()
  return { page, ...await addAuthenticator(page) }
}

async function addAuthenticator(page: Page): Promise<Pick<Person, 'client' | 'authenticatorId'>> {
  const client = await page.context().newCDPSession(page)
  await client.send('WebAuthn.enable')
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  })
  return { client, authenticatorId }
}

/** Passkeys need a host name: the same server under its other name. */
const byName = (url: string): string => url.replace('127.0.0.1', 'localhost')

/** Calls the server from the page, with its cookie and its origin. */
const ask = (page: Page, line: string, body?: unknown): Promise<Answer> => page.evaluate(async (sent) => {
  const response = await fetch(sent.path, { method: sent.method, ...(sent.body !== undefined && { body: JSON.stringify(sent.body), headers: { 'content-type': 'application/json' } }) })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> }
}, { method: line.split(' ')[0] ?? 'GET', path: `/api/v1${line.split(' ')[1] ?? '/'}`, body })

/** Text, because the browser's own types are not those of the program that drives it. */
const inPage = (page: Page, call: string): Promise<unknown> => page.evaluate(`navigator.credentials.${call}.then((credential) => credential.toJSON())`)
const make = (page: Page, options: unknown): Promise<unknown> => inPage(page, `create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}) })`)
const use = (page: Page, options: unknown): Promise<unknown> => inPage(page, `get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}) })`)

/** Makes the owner's account and a passkey for it. */
async function register(stage: Stage, { page }: Person): Promise<void> {
  await setUp(page, { setUpLink: byName(stage.server.setUpLink) })
  const options = await ask(page, 'POST /factors/passkeys/options')
  assert.equal(options.status, 200, JSON.stringify(options.body))
  const added = await ask(page, 'POST /factors/passkeys', { name: 'Chromium', attestation: await make(page, options.body) })
  assert.equal(added.status, 200, JSON.stringify(added.body))
  assert.equal((added.body['recoveryCodes'] as readonly string[]).length, 10)
}

const optionsFor = async (page: Page, challenge?: unknown): Promise<unknown> => (await ask(page, 'POST /session/passkey/options', challenge === undefined ? {} : { challenge })).body
const signOut = async (page: Page): Promise<void> => { await ask(page, 'DELETE /session') }
/** From signed out: who is signed in gets options to prove anew who they are, which sign nobody in. */
async function signInAlone(page: Page): Promise<Answer> {
  await signOut(page)
  return ask(page, 'POST /session/passkey', { assertion: await use(page, await optionsFor(page)) })
}
const startSignIn = (page: Page): Promise<Answer> => ask(page, 'POST /session', { email: owner.email, password: owner.password })

const both: Journey = {
  name: 'real Chromium makes a passkey, signs in with it behind the password, and with it alone',
  run: async (stage) => {
    const person = await openPerson(stage)
    const { page } = person
    await register(stage, person)
    await signOut(page)
    const asked = await startSignIn(page)
    assert.equal(asked.status, 401)
    assert.equal(asked.body['code'], 'second-factor-needed')
    assert.deepEqual(asked.body['factors'], ['passkey', 'recovery-code'])
    assert.equal((await ask(page, 'GET /session')).status, 401)
    const { challenge } = asked.body
    const assertion = await use(page, await optionsFor(page, challenge))
    assert.equal((await ask(page, 'POST /session/second-factor', { challenge, assertion })).status, 200)
    assert.equal((await ask(page, 'GET /session')).status, 200)
    assert.equal((await ask(page, 'POST /session/second-factor', { challenge, assertion })).status, 401)
    assert.equal((await signInAlone(page)).status, 200)
    assert.equal((await ask(page, 'GET /session')).status, 200)
  },
}

/** A page of another service on the same host name, which a browser lets use the passkeys of that name: only the origin tells it apart. */
async function openForeignPage({ defer }: Stage): Promise<string> {
  const server = createServer((_, response) => { response.setHeader('content-type', 'text/html').end('<!doctype html><title>Another service</title>') })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  defer(() => new Promise((resolve) => { server.close(resolve) }))
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

const otherOrigin: Journey = {
  name: 'a passkey that another origin of the same host has it sign is refused',
  run: async (stage) => {
    const person = await openPerson(stage)
    const { page } = person
    await register(stage, person)
    await signOut(page)
    // The hostile page passes on the options of the real server, and its answer back to it.
    const options = await optionsFor(page)
    const home = page.url()
    await page.goto(await openForeignPage(stage))
    const assertion = await use(page, options)
    await page.goto(home)
    const refused = await ask(page, 'POST /session/passkey', { assertion })
    assert.deepEqual([refused.status, refused.body['code']], [401, 'wrong-second-factor'])
    assert.equal((await ask(page, 'GET /session')).status, 401)
    // Control: the same passkey on the right page.
    assert.equal((await signInAlone(page)).status, 200)
  },
}

const clone: Journey = {
  name: 'a copy of a passkey is found out by its counter, and the passkey opens nothing any more',
  run: async (stage) => {
    const person = await openPerson(stage)
    const { page, client, authenticatorId } = person
    await register(stage, person)
    const [copied] = (await client.send('WebAuthn.getCredentials', { authenticatorId })).credentials
    assert.ok(copied)
    // Control: the original may be used again. (One address signs in five times a minute.)
    for (let time = 0; time < 2; time += 1) assert.equal((await signInAlone(page)).status, 200)
    const thief = await openPerson(stage)
    await thief.page.goto(byName(stage.server.url))
    await thief.client.send('WebAuthn.addCredential', { authenticatorId: thief.authenticatorId, credential: copied })
    const refused = await signInAlone(thief.page)
    assert.deepEqual([refused.status, refused.body['code']], [401, 'wrong-second-factor'])
    assert.match(String(refused.body['detail']), /copy/)
    assert.equal((await ask(thief.page, 'GET /session')).status, 401)
    const { body } = await ask(page, 'GET /factors')
    assert.ok((body['items'] as readonly { suspendedAt: string | null }[])[0]?.suspendedAt)
    // Nobody can tell which of the two is the owner's.
    assert.equal((await signInAlone(page)).status, 401)
  },
}

export const journeys: readonly Journey[] = [both, otherOrigin, clone]
