import pino from 'pino'

/** The log of operation. It takes fields that were chosen for it; message text, secrets and addresses have no field (OBS-1). */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, event: string): void
  warn(fields: Readonly<Record<string, unknown>>, event: string): void
  error(fields: Readonly<Record<string, unknown>>, event: string): void
}

/** JSON lines on standard error, so that standard output stays for people. pino escapes control characters, so no text forges a line (OBS-2). */
export function createLog(level: string): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ dest: 2, sync: false }))
  return {
    info: (fields, event) => { logger.info(fields, event) },
    warn: (fields, event) => { logger.warn(fields, event) },
    error: (fields, event) => { logger.error(fields, event) },
  }
}

/** A log whose fields were gone over: what nobody meant to log stands in the messages of errors. */
export function goneOver(log: Log, go: (value: unknown) => unknown): Log {
  const over = (fields: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, go(value)]))
  return {
    info: (fields, event) => { log.info(over(fields), event) },
    warn: (fields, event) => { log.warn(over(fields), event) },
    error: (fields, event) => { log.error(over(fields), event) },
  }
}

/** What may be logged of an error: its name, its message's first line and where it came from. Causes follow, five deep. */
export function describeError(error: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: typeof error }
  return {
    error: error.name, message: error.message.split('\n', 1)[0]?.slice(0, 500), stack: error.stack?.split('\n').map((line) => line.trim()).filter((line) => line.startsWith('at ')).slice(0, 7),
    ...(error.cause !== undefined && depth < 5 && { cause: describeError(error.cause, depth + 1) }),
  }
}
