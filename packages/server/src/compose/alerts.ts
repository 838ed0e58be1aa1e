import type { Alerts } from '../domains/audit/index.ts'
import { alertLook } from '../policy/alerts.ts'

/** Tells of security events of high severity, also of those that another process wrote and left, and also when the server is too busy for other jobs. Gives what ends it. */
export function scheduleAlerts(alerts: Pick<Alerts, 'tell'>, onError: (error: unknown) => void): () => void {
  const again = setInterval(() => { alerts.tell().catch(onError) }, alertLook.seconds * 1_000).unref()
  return () => { clearInterval(again) }
}
