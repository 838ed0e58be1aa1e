const DAY_MILLISECONDS = 86_400_000

/** The day and the month of a moment, counted from the epoch in UTC. */
export function spansAt(now: number): Readonly<Record<'day' | 'month', number>> {
  const date = new Date(now)
  return { day: Math.floor(now / DAY_MILLISECONDS), month: date.getUTCFullYear() * 12 + date.getUTCMonth() }
}

/** When the period of a moment is over. */
export function endOfSpan(period: 'day' | 'month', now: number): number {
  const { day, month } = spansAt(now)
  return period === 'day' ? (day + 1) * DAY_MILLISECONDS : Date.UTC(Math.floor((month + 1) / 12), (month + 1) % 12)
}
