import { examine, type Finding, type Health } from '@sallyport/server/ops'
import type { Command } from 'commander'
import { print, table } from '../print.ts'

const signs: Readonly<Record<Health, string>> = { good: 'ok', warning: 'WARNING', problem: 'PROBLEM', unknown: 'UNKNOWN' }

interface DoctorOptions { readonly json?: true; readonly settings?: true }

/** Looks at configuration, files, keys, clock, certificates, cookies, backups and room. It changes nothing, and needs no running server. */
export const doctor = (program: Command) => program.command('doctor')
  .description('look at everything that can be wrong with an installation; exit status 1 where something is').option('--settings', 'also every setting with its value and where that comes from')
  .action(async (_own: unknown, command: Command) => {
    const { json, settings }: DoctorOptions = command.optsWithGlobals()
    const examined = await examine()
    print(json ?? false, settings === true ? examined : { ok: examined.ok, findings: examined.findings }, () => [
      ...examined.findings.flatMap(linesOf), '',
      ...(settings === true ? [...table([['SETTING', 'FROM', 'VALUE'], ...examined.settings.map(({ setting, from, value }) => [setting, from, value])]), ''] : []),
      summaryOf(examined.findings),
    ])
    if (!examined.ok) process.exitCode = 1
  })

const linesOf = ({ area, health, found, means, mend }: Finding): readonly string[] =>
  [`${signs[health].padEnd(8)} ${area}: ${found}`, ...[means, mend].filter((line) => line !== '').map((line) => `${' '.repeat(9)}${line}`)]

function summaryOf(findings: readonly Finding[]): string {
  const count = (health: Health) => findings.filter((finding) => finding.health === health).length
  const [problems, warnings, unknown] = [count('problem'), count('warning'), count('unknown')]
  return problems + warnings + unknown === 0 ? 'All is well.' : `${problems} problems, ${warnings} warnings, ${unknown} that could not be looked at.`
}
