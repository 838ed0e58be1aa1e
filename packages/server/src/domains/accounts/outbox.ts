import { randomInt } from 'node:crypto'
import { describeError, type Log } from '../../kernel/log.ts'
import { mailDelay, mailRate } from '../../policy/limits.ts'
import type { Mailer } from '../../ports/mailer.ts'
import type { Alert } from '../audit/index.ts'
import { alertText, mailTexts, type MailKind, type MailText } from './mail-texts.ts'

interface Letter { readonly kind: MailKind; readonly to: string; readonly link: string }
interface AlertLetter { readonly alert: Alert; readonly to: string; readonly link: string }

/**
 * What happens after an answer was given, so that the answer tells nothing by its time: looking up whether an address is known, and sending
 * mail. One thing after the other; bounded, in memory: what is lost in a crash is asked for again. Nothing here throws.
 */
export function createOutbox(mailer: Mailer | null, log: Log) {
  const waiting: (() => Promise<void>)[] = []
  const ending = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let isRunning = false

  const run = async () => {
    for (let job = waiting.shift(); job !== undefined && !ending.signal.aborted; job = waiting.shift()) {
      await job().catch((error: unknown) => { log.warn(describeError(error), 'mail-not-prepared') })
    }
    isRunning = false
  }
  const later = (job: () => Promise<void>): void => {
    if (waiting.length >= mailRate.waiting || ending.signal.aborted) { log.warn({ waiting: waiting.length }, 'mail-dropped'); return }
    waiting.push(job)
    if (isRunning) return
    isRunning = true
    // Some while after the answer, and no fixed one: what is done here must be seen neither in that answer's time nor in that of the next.
    running = new Promise((resolve) => { setTimeout(() => { void run().then(resolve) }, mailDelay.milliseconds + randomInt(mailDelay.spreadMilliseconds)) })
  }
  const deliver = async (kind: MailKind | 'alert', to: string, text: MailText): Promise<boolean> => {
    if (mailer === null) return false
    for (let attempt = 1; attempt <= mailRate.tries; attempt += 1) {
      const answer = await mailer.send({ to, ...text }, AbortSignal.any([ending.signal, AbortSignal.timeout(mailRate.trySeconds * 1_000)]))
        .catch((cause: unknown) => ({ outcome: 'unavailable' as const, cause }))
      if (answer.outcome === 'accepted') return true
      log.warn({ kind, attempt, outcome: answer.outcome, ...describeError(answer.cause) }, 'mail-not-sent')
      if (answer.outcome === 'refused' || ending.signal.aborted) return false
    }
    return false
  }
  return {
    /** Whether mail can be sent at all. */
    canSend: mailer !== null,
    later,
    /** Sends a mail; tries again where that may help. True when it was accepted. */
    send: ({ kind, to, link }: Letter): Promise<boolean> => deliver(kind, to, mailTexts[kind](link)),
    /** Sends an alert, in the same way. */
    sendAlert: ({ alert, to, link }: AlertLetter): Promise<boolean> => deliver('alert', to, alertText(alert, link)),
    /** Waits for what is under way. */
    settled: async () => { while (isRunning) await running },
    /** Takes no more; what waits is left. */
    async close(): Promise<void> {
      ending.abort(new Error('The server is stopping.'))
      waiting.length = 0
      await running
    },
  }
}
export type Outbox = ReturnType<typeof createOutbox>
