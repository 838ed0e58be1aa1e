import { parseAddressRange } from '../kernel/address-range.ts'
import { isLoopback } from '../kernel/loopback.ts'
import { commandProblem } from '../kernel/command-problem.ts'
import { LEAST_PASSPHRASE_CHARACTERS } from '../kernel/passphrase.ts'
import type { Config, Environment } from './load.ts'
import { secretFileProblem } from './secret-files.ts'
import type { AliasUse } from './take-aliases.ts'

/** Something in a valid configuration that an operator should know of, or mend. No value of a secret is ever in it. */
export interface Concern {
  /** What it is about, such as a setting. */
  readonly about: string
  /** Grave ones stop the start of a server that others can reach (SEC-6). */
  readonly isGrave: boolean
  readonly found: string
  /** What follows from it for the operator. */
  readonly means: string
  readonly mend: string
}

/** Whether others than this machine's people can reach the server: it listens wider, stands behind a proxy, has a public address, or was set up for more than one person. */
export const isExposed = ({ http: { host, publicUrl, proxies }, preset }: Config): boolean =>
  !isLoopback(host) || proxies.length > 0 || preset !== 'personal' || (publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname))

/** Everything that a valid configuration may still have against it, all at once. */
export const reviewConfig = (config: Config, environment: Environment): readonly Concern[] =>
  [...reviews.flatMap((review) => review(config, environment) ?? []), ...config.secretFiles.flatMap(concernsOfFile), ...Object.entries(config.secrets.rotationHooks).flatMap(concernsOfHook), ...config.aliasUses.filter(({ found }) => found !== '').map(concernOf)]

const concernsOfFile = ({ setting, path }: Config['secretFiles'][number]): readonly Concern[] => {
  const problem = secretFileProblem(path)
  return problem === null ? [] : [{ about: setting, isGrave: true, ...problem }]
}

/** What is wrong with the program that makes a provider's keys: it runs as the server does. */
function concernsOfHook([provider, { command }]: readonly [string, { readonly command: readonly string[] }]): readonly Concern[] {
  const problem = commandProblem(command)
  return problem === null ? [] : [{ about: `secrets.rotationHooks.${provider}`, isGrave: true, ...problem }]
}

/** The usual name of others that says nothing here, or something else than the setting itself. */
const concernOf = ({ variable, found, mend, isGrave }: AliasUse): Concern =>
  ({ about: variable, isGrave, found, mend, means: isGrave ? 'Whoever set it expects the server to be open in a way that it must not be.' : 'Whoever set it may expect something that is not so.' })

type Review = (config: Config, environment: Environment) => Concern | null

/** Add one: a function that finds one concern, or null. */
const reviews: readonly Review[] = [
  (_, environment) => when(environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0', {
    about: 'NODE_TLS_REJECT_UNAUTHORIZED', isGrave: true, found: 'Certificates of other servers are not verified.',
    means: 'Whoever is on the way to a provider or a database reads its key and all that is asked.', mend: 'Take NODE_TLS_REJECT_UNAUTHORIZED out of the environment. Name your own authority in NODE_EXTRA_CA_CERTS instead.',
  }),
  (_, environment) => when(/--inspect/.test(environment['NODE_OPTIONS'] ?? ''), {
    about: 'NODE_OPTIONS', isGrave: true, found: 'The debugger is open.', means: 'Whoever reaches its port runs what they like in this server.', mend: 'Take --inspect out of NODE_OPTIONS.',
  }),
  ({ log }) => when(log.level === 'debug', {
    about: 'log.level', isGrave: true, found: 'The log tells everything.', means: 'Debug logs tell more of people than running a server needs, and fill the disk.', mend: 'Set log.level to info or warn.',
  }),
  ({ http: { proxies } }) => when(proxies.some((range) => parseAddressRange(range)?.bits === 0), {
    about: 'http.proxies', isGrave: true, found: 'Every address counts as a proxy.', means: 'Whoever sends X-Forwarded-For is taken for whom they say: limits and bans by address hold for nobody.', mend: 'List the addresses of your proxies alone, such as 10.0.0.5.',
  }),
  ({ http: { publicUrl } }) => when(publicUrl !== undefined && new URL(publicUrl).protocol === 'http:' && !isLoopback(new URL(publicUrl).hostname), {
    about: 'http.publicUrl', isGrave: true, found: 'People are to reach the server without TLS.', means: 'Passwords travel in clear, and browsers drop the cookie, so that nobody can sign in.', mend: 'Put a proxy with TLS in front, and begin http.publicUrl with https://.',
  }),
  ({ http: { host, publicUrl, proxies } }) => when(!isLoopback(host) && publicUrl === undefined && proxies.length === 0, {
    about: 'http.host', isGrave: false, found: `The server listens on ${host}, not only on this machine.`, means: 'Without TLS passwords travel in clear, and browsers drop the cookie from any other machine.', mend: 'Put a proxy with TLS in front of it, and set http.publicUrl and http.proxies.',
  }),
  ({ http: { publicUrl, proxies } }) => when(publicUrl?.startsWith('https:') === true && !isLoopback(new URL(publicUrl).hostname) && proxies.length === 0, {
    about: 'http.proxies', isGrave: false, found: 'A public address is set, and no proxy is listed.', means: 'Every visitor counts as the proxy: one limit by address holds for all of them together, and a ban of one bans all.', mend: 'Set http.proxies to the address from which your proxy asks, such as 127.0.0.1.',
  }),
  ({ http }) => {
    const name = unknownName(http)
    return when(name !== null, { about: 'http.hosts', isGrave: false, found: `The server does not answer under ${name ?? ''}, the name in its public address.`, means: 'Whoever asks for that name gets 421, unless the proxy asks under another one.', mend: `Add ${name ?? ''} to http.hosts.` })
  },
  (config) => when(config.preset === 'personal' && isExposed(config), {
    about: 'preset', isGrave: false, found: 'The preset is for one person, and others can reach the server.', means: 'Second factors are asked of nobody, and limits are wide.', mend: 'Set preset to team or public.',
  }),
  ({ identity, mail }) => when(identity.signUpDomains.length > 0 && mail.kind === 'none', {
    about: 'identity.signUpDomains', isGrave: false, found: 'People may sign up, and no mail is sent.', means: 'Nobody can prove that an address is theirs, so nobody can sign up.', mend: 'Set mail.kind, or leave identity.signUpDomains empty and send invitations.',
  }),
  ({ mail }) => when(mail.unsafelyAllowPlainMail, {
    about: 'mail.unsafelyAllowPlainMail', isGrave: false, found: 'Mail may leave this machine unencrypted.', means: 'Whoever is on the way reads the links in mails, and takes over accounts with them.', mend: 'Set mail.security to tls or starttls, and take this setting away.',
  }),
  ({ redis: { url } }) => when(url !== undefined && url.startsWith('redis:') && !isLoopback(new URL(url).hostname), {
    about: 'redis.url', isGrave: false, found: 'Redis is on another machine, without TLS.', means: 'Its password and the counts of limits travel in clear.', mend: 'Begin redis.url with rediss://.',
  }),
  ({ vault: { passphrase } }) => when(passphrase !== null && [...passphrase.reveal()].length < LEAST_PASSPHRASE_CHARACTERS, {
    about: 'vault.passphrase', isGrave: true, found: `The passphrase of the vault has fewer than ${LEAST_PASSPHRASE_CHARACTERS} characters.`, means: 'Whoever copies the data can guess it, and reads everything.', mend: 'Choose six random words, and move to them with: npm run sallyport -- secrets rewrap --to FILE',
  }),
  ({ backupDirectory, dataDirectory }) => when(`${backupDirectory}/`.startsWith(`${dataDirectory}/`), {
    about: 'backup.directory', isGrave: false, found: 'Backups lie within the data directory.', means: 'Whatever takes the data takes the backups with it.', mend: 'Set backup.directory to a folder on another disk.',
  }),
]

const when = (isSo: boolean, concern: Concern): Concern | null => (isSo ? concern : null)

/** The name in the public address, where the server would answer 421 to it; null where it would not. */
function unknownName({ host, hosts, publicUrl }: Config['http']): string | null {
  if (publicUrl === undefined) return null
  const { hostname, host: withPort } = new URL(publicUrl)
  const names = new Set([host, ...hosts].map((name) => name.toLowerCase()))
  return isLoopback(hostname) || names.has(hostname) || names.has(withPort) ? null : hostname
}
