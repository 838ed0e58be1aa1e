import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { doctorLimits } from '../../policy/doctor.ts'
import { bad, good, type Check, type Finding } from './finding.ts'

const TIMESYNC = '/run/systemd/timesync'
/** This program is not older than that. */
const MADE = Date.UTC(2026, 0, 1)

/** Whether the clock can be right. Nobody outside is asked: the store's own last write tells of a clock that went back. */
export const checkClock: Check = async ({ config, record, now }) => {
  const findings: Finding[] = []
  const means = 'One-time codes, tokens, limits and the order of the audit log go by the clock.'
  if (now < MADE) findings.push(bad('clock', 'problem', { found: `The clock says ${new Date(now).toISOString()}, which is before this program was made.`, means, mend: 'Set the clock, and keep it right: timedatectl set-ntp true' }))
  const written = record === null ? null : await stat(join(config.dataDirectory, 'store.json')).catch(() => null)
  const files = record === null ? [] : await Promise.all([record.file, `${record.file}-wal`].map((name) => stat(join(config.dataDirectory, name)).catch(() => null)))
  const last = Math.max(0, ...[written, ...files].map((stats) => stats?.mtimeMs ?? 0))
  if (last > now + doctorLimits.clockSeconds * 1_000) findings.push(bad('clock', 'problem', { found: `The store was last written at ${new Date(last).toISOString()}, and the clock says ${new Date(now).toISOString()}: it went back.`, means, mend: 'Set the clock, and keep it right: timedatectl set-ntp true' }))
  if (existsSync(TIMESYNC) && !existsSync(join(TIMESYNC, 'synchronized'))) findings.push(bad('clock', 'warning', { found: 'systemd-timesyncd has not yet set the clock.', means, mend: 'See why: timedatectl timesync-status' }))
  return findings.length > 0 ? findings : [good('clock', 'The clock is not behind what was written before.')]
}
