import { readHandbook } from '../domains/knowledge/index.ts'
import { describeError, type Log } from '../kernel/log.ts'
import { scheduleAlerts, scheduleBrokenValues } from './alerts.ts'
import { scheduleBackups } from './backups.ts'
import { scheduleSigningKeys } from './credentials.ts'
import type { Load } from '../domains/load/index.ts'
import type { Domains } from './domains.ts'
import { scheduleKeyReminders, scheduleRotationHooks } from './keys.ts'
import { scheduleSecretUses } from './secret-uses.ts'
import { scheduleForgetting, type Rates } from './rates.ts'
import { scheduleCredentialCounts, scheduleIndexing, scheduleRetention } from './retention.ts'

interface JobDeps { readonly load: Pick<Load, 'sheds'>; readonly domains: Domains; readonly rates: Rates; readonly log: Log; /** The folder with the pages of the handbook. */ readonly handbook: string }

/** What a running server does beside answering. None of it holds up the start, and none of it throws. */
export function createJobs({ domains, rates, load, log, handbook }: JobDeps) {
  /** What can wait until the next time is left alone while the server is too busy. */
  const unlessBusy = <Result>(work: () => Promise<Result>) => async () => { if (!load.sheds('background')) await work() }
  const ends: (() => void)[] = []
  let reading: Promise<void> = Promise.resolve()
  const told = (code: string) => (error: unknown) => { log.error(describeError(error), code) }
  return {
    /** Backups and providers' keys are made by a server that listens for people: one that serves a single command leaves them alone. */
    start({ withBackups }: { readonly withBackups: boolean }) {
      if (withBackups) ends.push(scheduleRotationHooks(domains.models, told('provider-keys-not-rotated')), scheduleBackups(domains.backups, async () => { await domains.exports.tidy(); await domains.erasure.clearFormerStores(); await domains.erasure.closeBackups() }, told('backup-not-begun')))
      ends.push(
        scheduleSigningKeys(domains.signingKeys, told('signing-key-not-rotated')),
        scheduleRetention(unlessBusy(() => Promise.all([domains.expire(), domains.names.refresh()])), told('retention-failed')),
        scheduleIndexing(unlessBusy(domains.messageIndexer.walk), told('messages-not-indexed')),
        scheduleForgetting(unlessBusy(() => Promise.all([rates.forget(), domains.budgets.forget(), domains.penalties.forget(), domains.answerCache.sweep()])), told('rates-not-forgotten')),
        scheduleCredentialCounts(unlessBusy(domains.models.credentials.tidy), told('provider-use-not-counted')),
        scheduleSecretUses(domains.secretUses, told('secret-use-not-counted')),
        scheduleAlerts(domains.alerts, told('alerts-not-told')),
        scheduleBrokenValues(domains.brokenValues, told('broken-values-not-told')),
        scheduleKeyReminders(domains, told('key-reminder-failed')),
      )
      domains.dataKeys.start()
      reading = readHandbook(handbook).then(domains.knowledge.loadHandbook).then(() => undefined, told('handbook-not-loaded'))
      return { handbook: reading, models: domains.models.discoverConfigured() }
    },
    /** No job begins any more. */
    end(): void { for (const end of ends.splice(0)) end() },
    /** Waits for what was begun at the start, and for what is being told. */
    settled: async (): Promise<void> => { await Promise.all([reading, domains.alerts.settled()]) },
  }
}
