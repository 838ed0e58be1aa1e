import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Patch } from '../../packages/server/test/faults/lib/patches.ts'
import { startServer, type RunningServer } from './server.ts'
import { watchContext, type Watch } from './watch.ts'

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  readonly watch: Watch
}

/** What a journey has at hand: a server of its own, and as many visitors as it wants. */
export interface Stage {
  readonly server: RunningServer
  readonly browser: Browser
  /** A visitor with a fresh browser profile. `unclean`: this one is there to be caught, and is not held against the journey. `origin`: the server under another of its names. */
  readonly visit: (options?: BrowserContextOptions & { readonly unclean?: boolean; readonly origin?: string }) => Promise<Visit>
  /** Keeps a picture in `e2e/shots/`. */
  readonly shot: (page: Page, name: string) => Promise<void>
  /** Something to be ended with the journey, last first. */
  readonly defer: (end: () => Promise<unknown>) => void
}

export interface Journey {
  /** The rule that it shows. */
  readonly name: string
  /** Settings of its server, as flags. */
  readonly flags?: readonly string[]
  /** Starts what must stand before the server does, and gives the flags that name it. */
  readonly before?: (defer: Stage['defer']) => Promise<readonly string[]>
  /** Changes of its server's source, such as a clock that can be moved. */
  readonly patches?: readonly Patch[]
  readonly run: (stage: Stage) => Promise<void>
}

/** Where the pictures are kept. */
export const shots = join(import.meta.dirname, '..', 'shots')
/** Longer than any single step takes on a busy machine. */
const stepMilliseconds = 20_000

const misdeedsOf = ({ violations, offOrigin, executions, errors }: Watch): readonly string[] => [
  ...violations.map((text) => `policy violation: ${text}`), ...offOrigin.map((url) => `request to another origin: ${url}`),
  ...executions.map((text) => `script ran: ${text}`), ...errors.map((text) => `uncaught error: ${text}`),
]

/** Runs one journey on a server of its own. Throws when it fails, and when a clean visitor's page did what none may do. */
export async function runJourney({ name, run, flags = [], before, patches }: Journey, browser: Browser): Promise<void> {
  const ends: (() => Promise<unknown>)[] = []
  const watches: Watch[] = []
  const pages: Page[] = []
  try {
    const named = await before?.((end) => { ends.push(end) }) ?? []
    const server = await startServer([...flags, ...named], patches)
    ends.push(server.stop)
    await run({
      server, browser,
      visit: async ({ unclean = false, origin = server.url, ...options } = {}) => {
        const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB', ...options })
        ends.push(() => context.close())
        context.setDefaultTimeout(stepMilliseconds)
        const watch = await watchContext(context, origin)
        if (!unclean) watches.push(watch)
        const page = await context.newPage()
        pages.push(page)
        return { page, context, watch }
      },
      shot: async (page, name) => {
        // Past the panels' slide and fade.
        await page.waitForTimeout(300)
        await page.screenshot({ path: join(shots, `${name}.png`) })
      },
      defer: (end) => { ends.push(end) },
    })
  } catch (error) {
    for (const [index, page] of pages.entries()) await page.screenshot({ path: join(shots, `failed-${name.slice(0, 40).replaceAll(/\W+/g, '-')}-${index}.png`) }).catch(() => undefined)
    const also = watches.flatMap(misdeedsOf).join('\n')
    throw also === '' ? error : new Error(`${error instanceof Error ? error.stack ?? error.message : String(error)}\nand meanwhile\n${also}`, { cause: error })
  } finally {
    for (const end of ends.toReversed()) await end()
  }
  const misdeeds = watches.flatMap(misdeedsOf)
  if (misdeeds.length > 0) throw new Error(misdeeds.join('\n'))
}
