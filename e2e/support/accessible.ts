import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** Waits until nothing on the page slides or fades any more: what is half faded in has the colours of no theme. Endless animations count as still. */
const REST = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
  Promise.allSettled(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished))).then(() => undefined)`

/** Fails unless axe, best practices included, finds nothing on the page as it stands when it has come to rest. `screen`: what a finding is said of. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  await page.evaluate(REST)
  const { violations } = await new AxeBuilder({ page }).analyze()
  const findings = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id} on ${screen}: ${html.slice(0, 200)}\n${failureSummary ?? ''}`))
  assert.deepEqual(findings, [])
}
