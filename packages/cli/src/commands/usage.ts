import type { Command } from 'commander'
import { print, table } from '../print.ts'
import { withClient } from '../with-client.ts'

const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1)

/** What remains of one's limits. */
export function usage(program: Command): void {
  program.command('usage').description('what remains of your limits, and what your conversations take up').action(withClient(async ({ client, json }) => {
    const report = await client.call('getUsage', {})
    print(json, report, () => [
      ...table([['LIMIT', 'COUNTED BY', 'REMAINING', 'OF', 'IN SECONDS', 'BACK IN SECONDS'], ...report.limits.map(({ what, by, remaining, count, windowSeconds, resetSeconds }) =>
        [what, by, String(remaining), String(count), String(windowSeconds), String(resetSeconds)])]),
      '', `Conversations take up ${megabytes(report.storage.bytes)} of ${megabytes(report.storage.limit)} MB.`,
      `Documents of your own: ${report.documents.count} of ${report.documents.mostCount}, ${megabytes(report.documents.bytes)} of ${megabytes(report.documents.limit)} MB.`,
    ])
  }))
}
