import type { Alerts } from '../domains/audit/index.ts'
import type { BrokenValues } from '../domains/secrets/index.ts'
import { alertLook } from '../policy/alerts.ts'
import { brokenValues } from '../policy/broken-values.ts'

/** Tells of security events of high severity, also of those that another process wrote and left, and also when the server is too busy for other jobs. Gives what ends it. */
export function scheduleAlerts(alerts: Pick<Alerts, 'tell'>, onError: (error: unknown) => void): () => void {
  const again = setInterval(() => { alerts.tell().catch(onError) }, alertLook.seconds * 1_000).unref()
  return () => { clearInterval(again) }
}

/** Tells of sealed values that were met and do not open, also when the server is too busy for other jobs. One time after the other. Gives what ends it. */
export function scheduleBrokenValues(values: Pick<BrokenValues, 'tell'>, onError: (error: unknown) => void): () => void {
  let running: Promise<void> | null = null
  const again = setInterval(() => { running ??= values.tell().catch(onError).finally(() => { running = null }) }, brokenValues.tellSeconds * 1_000).unref()
  return () => { clearInterval(again) }
}
