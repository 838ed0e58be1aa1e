import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** Where a Chromium is installed; null where none is. */
export const findChromium = (): string | null => places.find((place) => existsSync(place)) ?? null

/** Starts Chromium without its own calls to the network. Its sandbox needs a user other than root. */
export const launchChromium = (executablePath: string): Promise<Browser> => chromium.launch({
  executablePath,
  args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
})
