import type { BrowserContext, Page } from 'playwright-core'

/** What a page did that it must never do. */
export interface Watch {
  /** Violations of the content security policy, Trusted Types among them. */
  readonly violations: string[]
  /** Requests to another origin. Each is stopped before it leaves. */
  readonly offOrigin: string[]
  /** Script that ran because of hostile content: dialogs, and everything that calls `executed()`. */
  readonly executions: string[]
  /** Errors that nothing caught. */
  readonly errors: string[]
}

/** Sees the page's own events before any script of the page. Hostile content calls `executed(…)` to show that it runs. */
const observer = `
  document.addEventListener('securitypolicyviolation', (event) => { reportViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample) })
  window.executed = (how) => { reportExecution(String(how)) }
`

/** Watches everything that happens in a context. */
export async function watchContext(context: BrowserContext, origin: string): Promise<Watch> {
  const watch: Watch = { violations: [], offOrigin: [], executions: [], errors: [] }
  await context.exposeFunction('reportViolation', (text: string) => { watch.violations.push(text) })
  await context.exposeFunction('reportExecution', (text: string) => { watch.executions.push(text) })
  await context.addInitScript({ content: observer })
  await context.route((url) => /^(https?|wss?):$/.test(url.protocol) && url.origin !== origin, (route) => {
    watch.offOrigin.push(route.request().url())
    return route.abort()
  })
  context.on('page', (page: Page) => {
    page.on('pageerror', (error) => { watch.errors.push(error.message) })
    page.on('dialog', (dialog) => {
      watch.executions.push(`dialog: ${dialog.message()}`)
      dialog.dismiss().catch(() => undefined)
    })
    page.on('console', (message) => {
      // What an error boundary catches is still an error.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) watch.errors.push(`console: ${message.text().slice(0, 500)}`)
      if (/Content Security Policy|Trusted(?:HTML|Script|Type)|violates/.test(message.text())) watch.violations.push(`console: ${message.text().slice(0, 300)}`)
    })
  })
  return watch
}
