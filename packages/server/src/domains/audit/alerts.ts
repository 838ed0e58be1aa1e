import type { Database, WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { alertLook, alertMail } from '../../policy/alerts.ts'
import type { EventStore } from './event-store.ts'

/** An event of high severity, as it is told. */
export interface Alert { readonly eventId: string; readonly type: string; readonly at: number; readonly accountId: string | null }

interface AlertDeps {
  readonly database: Database
  readonly store: Pick<EventStore, 'due' | 'claim' | 'settle'>
  readonly clock: Clock
  readonly log: Log
  /** Mails it to those who administrate, and calls back once one of them has it. Null where no mail is sent. */
  readonly mail: ((alert: Alert, whenSent: () => Promise<void>) => void) | null
}

/**
 * Tells of security events of high severity: a log line for each, and a mail within bounds. That somebody must be told is written with the
 * event, in the batch of what happened, so a crash loses no mail: one that it cut off may go twice. What cannot go for a day is given up.
 */
export function createAlerts({ database, store, clock, log, mail }: AlertDeps) {
  /** False where another process was faster, or a condition of the steps does not hold. */
  const write = (steps: readonly WriteStep[]) => writeUnlessConflict(database, steps)
  const tellOf = async (row: Awaited<ReturnType<typeof store.due>>[number]): Promise<void> => {
    const now = clock.now()
    const until = now + alertMail.retrySeconds * 1_000
    const isOver = now - row.at > alertMail.giveUpSeconds * 1_000
    const send = isOver ? null : mail
    const isClaimed = send !== null && await write(store.claim(row, { until, now, mailedSince: now - alertMail.everySeconds * 1_000 }))
    if (!isClaimed && !await write([store.settle(row, null)])) return
    // What is tried again was logged before.
    if (row.alert_due_at === row.at) log.warn({ type: row.type, severity: row.severity, eventId: row.id, accountId: row.account_id }, 'security-event')
    else if (isOver) log.warn({ type: row.type, eventId: row.id }, 'alert-not-mailed')
    if (isClaimed) send({ eventId: row.id, type: row.type, at: row.at, accountId: row.account_id }, async () => { await write([store.settle({ ...row, alert_due_at: until }, now)]) })
  }
  const tellAll = async (): Promise<void> => {
    for (let found: number = alertLook.rows; found === alertLook.rows;) {
      const rows = await store.due(clock.now(), alertLook.rows)
      for (const row of rows) await tellOf(row)
      found = rows.length
    }
  }
  let telling: Promise<void> = Promise.resolve()
  return {
    /** Tells of everything that nobody was told of. One time after the other. */
    tell(): Promise<void> {
      const told = telling.then(tellAll)
      telling = told.catch(() => undefined)
      return told
    },
    /** Waits for what is under way. */
    settled: (): Promise<void> => telling,
  }
}
export type Alerts = ReturnType<typeof createAlerts>
