import { fetchSecrets } from '../../compose/secret-references.ts'
import { ConfigProblem, loadConfig, readEnvironment, type Config, type Environment, type FullEnvironment } from '../../config/load.ts'
import { reviewConfig } from '../../config/review.ts'
import { effectiveSettings, type EffectiveSetting } from '../../config/settings.ts'
import { DataDirectoryProblem, readStoreRecord, type StoreRecord } from '../../database/data-directory.ts'
import { systemClock } from '../../kernel/clock.ts'
import { checkBackups } from './backups.ts'
import { checkCertificates } from './certificates.ts'
import { checkClock } from './clock.ts'
import { checkDatabase } from './database.ts'
import { checkFiles } from './files.ts'
import { bad, good, type Area, type Check, type Finding, type Patient } from './finding.ts'
import { checkFormerStores } from './former-stores.ts'
import { checkKeys } from './keys.ts'
import { checkRoom } from './room.ts'

export type { Finding, Health } from './finding.ts'

export interface Examined {
  /** Whether nothing is a problem, and everything could be looked at. */
  readonly ok: boolean
  readonly findings: readonly Finding[]
  /** Empty where the configuration could not be read. */
  readonly settings: readonly EffectiveSetting[]
}

/** Add a look: write it beside these, and add its line. */
const checks: Readonly<Partial<Record<Area, Check>>> = { settings: checkSettings, files: checkFiles, keys: checkKeys, clock: checkClock, certificates: checkCertificates, cookies: checkCookies, cors: checkCors, database: checkDatabase, backups: checkBackups, 'former stores': checkFormerStores, room: checkRoom }

/** Looks at everything that can be looked at without changing anything, whether the server runs or not, and tells what it means. */
export async function examine(own?: Environment): Promise<Examined> {
  const environment = await readEnvironment(fetchSecrets, own)
  const { config, findings: refused } = read(environment)
  if (config === null) return { ok: false, findings: refused, settings: [] }
  const { record, problems } = await recordOf(config)
  const patient: Patient = { config, environment, record, now: systemClock.now() }
  const findings: Finding[] = [good('configuration', `Every setting fits${environment.file === null ? '' : `, those of ${environment.file} too`}.`), ...problems]
  for (const [area, check] of Object.entries(checks) as [Area, Check][]) findings.push(...await attempt(area, () => check(patient)))
  return { ok: findings.every(({ health }) => health === 'good' || health === 'warning'), findings, settings: effectiveSettings(config, environment) }
}

/** The configuration, or all that is wrong with it. */
function read({ environment, problems }: FullEnvironment): { readonly config: Config | null; readonly findings: readonly Finding[] } {
  try {
    return { config: loadConfig({}, environment, problems), findings: [] }
  } catch (error) {
    if (!(error instanceof ConfigProblem)) throw error
    return { config: null, findings: error.problems.map((problem) => bad('configuration', 'problem', { found: problem, means: 'The server does not start, and nothing else could be looked at.', mend: 'Mend it as it says, then run doctor again.' })) }
  }
}

async function recordOf({ dataDirectory }: Config): Promise<{ readonly record: StoreRecord | null; readonly problems: readonly Finding[] }> {
  try {
    return { record: await readStoreRecord(dataDirectory), problems: [] }
  } catch (error) {
    const found = error instanceof DataDirectoryProblem ? error.message : `${dataDirectory} cannot be read.`
    return { record: null, problems: [bad('files', 'problem', { found, means: 'The server does not start.', mend: 'Put the file back from a copy, or run this as the user that starts the server.' })] }
  }
}

/** A look that fails says so: not knowing is no good news. */
async function attempt(area: Area, look: () => ReturnType<Check>): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return [bad(area, 'unknown', { found: `This could not be looked at${reason}.`, means: 'Whether it is well is not known.', mend: 'Run this as the user that starts the server.' })]
  }
}

const ABOUT_COOKIES = new Set(['http.publicUrl', 'http.proxies', 'http.hosts', 'http.host'])

/** What a valid configuration may still have against it, but for what concerns cookies and proxies. */
function checkSettings({ config, environment }: Patient): readonly Finding[] {
  const found = toFindings('settings', reviewConfig(config, environment.environment).filter(({ about }) => !ABOUT_COOKIES.has(about)))
  return found.length > 0 ? found : [good('settings', `The preset "${config.preset}" fits where the server can be reached from, and nothing dangerous is switched on.`)]
}

/** Whether browsers keep the cookie and the server knows who asks, with what stands in front of it. */
function checkCookies({ config, environment }: Patient): readonly Finding[] {
  const found = toFindings('cookies', reviewConfig(config, environment.environment).filter(({ about }) => ABOUT_COOKIES.has(about)))
  return found.length > 0 ? found : [good('cookies', 'The cookie is __Host- and Secure: browsers keep it on this machine, and at a public address with TLS.')]
}

/** There is no setting for it: nothing can be wrong. */
function checkCors(): readonly Finding[] {
  return [good('cors', 'Pages of other origins may not read answers: no origin is listed, and none can be.')]
}

const toFindings = (area: Area, concerns: ReturnType<typeof reviewConfig>): readonly Finding[] =>
  concerns.map(({ about, isGrave, found, means, mend }) => bad(area, isGrave ? 'problem' : 'warning', { found: `${about}: ${found}`, means, mend }))
