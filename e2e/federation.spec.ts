import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import { startRealProvider, type RealProvider } from '../packages/server/src/testing/real-identity-provider.ts'
import type { Journey, Stage } from './support/journey.ts'
import { addApp, openAccount, setUp, signIn } from './support/steps.ts'

const CALLBACK = '/api/v1/session/federated/company/callback'
const ADA = { email: 'ada@company.example', email_verified: true, name: 'Ada of the provider' }

interface Scene { readonly provider: RealProvider; readonly browse: () => Promise<{ readonly context: BrowserContext; readonly page: Page }>; readonly sessionOf: (context: BrowserContext) => Promise<{ readonly sameSite: string } | undefined> }

/** A server with a provider at another site: for a browser, `localhost` and `127.0.0.1` have nothing to do with each other. */
async function prepare({ server, browser, visit, defer }: Stage): Promise<Scene> {
  const provider = await startRealProvider({ host: 'localhost', redirectUris: [`${server.url}${CALLBACK}`] })
  defer(() => provider.close())
  provider.people.set('ada', { subject: 'ada', claims: ADA })
  provider.people.set('mallory', { subject: 'mallory', claims: { ...ADA, email: 'mallory@company.example', email_verified: false } })
  const { page } = await visit()
  await setUp(page, server)
  const request = {
    label: 'Company', protocol: { kind: 'oidc', issuer: provider.issuer }, clientId: provider.clientId, clientSecret: provider.clientSecret, allowPrivateAddress: true,
    newAccounts: { when: 'listed-domains', domains: ['company.example'], role: 'member' },
  }
  const saved = await page.evaluate(`fetch('/api/v1/identity-providers/company', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(request))} }).then(async (reply) => [reply.status, await reply.text()])`)
  assert.equal((saved as [number, string])[0], 200, String(saved))
  return {
    provider,
    browse: async () => {
      const context = await browser.newContext({ locale: 'en-GB' })
      defer(() => context.close())
      return { context, page: await context.newPage() }
    },
    sessionOf: async (context) => (await context.cookies(server.url)).find(({ name }) => /^__Host-sallyport-\d+$/.test(name)),
  }
}

/** From the sign-in page to the provider and back, as a person goes. */
async function signInAs(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Company' }).click()
  await page.getByRole('button', { name: `Sign in as ${name}` }).click()
}

const welcome = (page: Page) => page.getByRole('heading', { name: 'What would you like to know?' })

export const journeys: readonly Journey[] = [
  {
    name: 'somebody signs in with an identity provider at another site, and stays signed in under a strict cookie',
    run: async (stage) => {
      const { browse, sessionOf } = await prepare(stage)
      const { context, page } = await browse()
      await signInAs(page, stage.server.url, 'ada')
      await welcome(page).waitFor()
      assert.equal((await sessionOf(context))?.sameSite, 'Strict')
      assert.equal((await context.cookies(stage.server.url)).some(({ name }) => name.endsWith('-sign-in')), false)
      await page.reload()
      await welcome(page).waitFor()
      await page.getByRole('link', { name: /^Your account/ }).click()
      await page.getByText('ada@company.example').first().waitFor()
      await page.getByRole('button', { name: 'Unlink Company' }).waitFor()
      await page.goBack()
      // The address with the provider's code in it is not in the history: going back leads to the provider or before it.
      assert.equal(new URL(page.url()).pathname, '/')
      await page.goBack()
      assert.equal(page.url().includes(CALLBACK), false)
    },
  },
  {
    name: 'an address that the provider does not vouch for opens nothing',
    run: async (stage) => {
      const { browse, sessionOf } = await prepare(stage)
      const { context, page } = await browse()
      await signInAs(page, stage.server.url, 'mallory')
      await page.getByText('The provider does not vouch for this e-mail address').waitFor()
      assert.equal(new URL(page.url()).hash, '')
      assert.equal(await sessionOf(context), undefined)
    },
  },
  {
    name: 'an answer that another browser brings signs nobody in, and the one that asked for it comes in',
    run: async (stage) => {
      const { browse, provider, sessionOf } = await prepare(stage)
      const [mine, theirs] = [await browse(), await browse()]
      await mine.page.goto(stage.server.url)
      await mine.page.getByRole('button', { name: 'Company' }).click()
      await mine.page.getByRole('button', { name: 'Sign in as ada' }).waitFor()
      // With the browser's cookies, but no further than the provider's answer.
      const next = async (request: Promise<{ headers(): Record<string, string> }>): Promise<string> => new URL((await request).headers()['location'] ?? '', provider.issuer).href
      const answer = await next(mine.context.request.get(await next(mine.context.request.post(mine.page.url(), { form: { login: 'ada' }, maxRedirects: 0 })), { maxRedirects: 0 }))
      assert.equal(new URL(answer).pathname, CALLBACK)
      await theirs.page.goto(answer).catch(() => undefined)
      await theirs.page.waitForURL(/\/sign-in/)
      assert.equal(await sessionOf(theirs.context), undefined)
      await mine.page.goto(answer)
      await welcome(mine.page).waitFor()
      assert.notEqual(await sessionOf(mine.context), undefined)
    },
  },
  {
    name: 'an identity is linked on the account page, and opens the account with its second factor alone',
    run: async (stage) => {
      const { browse, sessionOf } = await prepare(stage)
      const { page } = await browse()
      await page.goto(stage.server.url)
      await signIn(page)
      await openAccount(page)
      const { app } = await addApp(page)
      await page.getByRole('button', { name: 'Link Company' }).click()
      await page.getByRole('button', { name: 'Sign in as mallory' }).click()
      await page.getByRole('button', { name: 'Unlink Company' }).waitFor()
      assert.equal(new URL(page.url()).pathname, '/account')
      const other = await browse()
      await signInAs(other.page, stage.server.url, 'mallory')
      await other.page.getByText('The provider vouched for you.').waitFor()
      assert.equal(new URL(other.page.url()).hash, '')
      assert.equal(await sessionOf(other.context), undefined)
      // The step of the present code is used; a server takes the one after it too.
      await other.page.getByLabel('Code from the authenticator app').fill(app.generate({ timestamp: Date.now() + 30_000 }))
      await other.page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await welcome(other.page).waitFor()
      await page.getByRole('button', { name: 'Unlink Company' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Unlink' }).click()
      await page.getByRole('button', { name: 'Link Company' }).waitFor()
      // What the identity opened ends with it.
      await other.page.reload()
      await other.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    },
  },
  {
    name: 'no other site begins a sign-in, not by a link and not by a frame',
    run: async (stage) => {
      const { browse, provider } = await prepare(stage)
      const { context, page } = await browse()
      const start = `${stage.server.url}/api/v1/session/federated/company`
      await page.goto(`${provider.issuer}/nothing-here`)
      await page.setContent(`<a id="link" href="${start}">Win a prize</a><iframe src="${start}"></iframe><img src="${start}">`)
      await page.click('#link')
      await page.waitForURL(/127\.0\.0\.1/)
      assert.equal(provider.requests.get('/auth'), undefined)
      assert.equal((await context.cookies(stage.server.url)).length, 0)
    },
  },
]
