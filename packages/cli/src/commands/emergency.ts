import { createInterface } from 'node:readline/promises'
import { EmergencyRequest, type EmergencyCounts, type EmergencyPlan, type EmergencyReport } from '@sallyport/contract'
import type { Command } from 'commander'
import { Mistake } from '../connect.ts'
import { forTerminal, print } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'
import { follow, rewrapTo } from './secrets.ts'

const ANSWER = 'emergency'

interface Options { readonly plan?: true; readonly yes?: true; readonly keepKey?: readonly string[]; readonly passwords?: string; readonly keepFactors?: true; readonly providers?: string; readonly nextVault?: string }

/** Everything that an intruder could hold ends, with one command. */
export function emergency(program: Command): void {
  const run = withClient(act)
  program.command('emergency').description('somebody got in: end or replace everything that they could hold')
    .option('--plan', 'only say what there is, and what would be done').option('--yes', 'do it without a further question')
    .option('--keep-key <id>', 'an API key that goes on; may be given again', (id: string, before: readonly string[] | undefined) => [...(before ?? []), id])
    .option('--passwords <how>', 'end: none works any more, people set a new one by a link; change: a new one at the next sign-in; keep', 'end')
    .option('--keep-factors', 'leave second factors and linked identities').option('--providers <how>', 'standby: keys that stand by take over, former ones are destroyed; remove: stored providers go with their keys; keep', 'standby')
    .option('--next-vault <file>', 'then move the store to a new key-encryption key, with the server stopped, as secrets rewrap does')
    .action(async (options: Options, command: Command) => {
      await run(options, command)
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>()
      if (options.nextVault !== undefined && options.plan !== true) await rewrapTo(options.nextVault, json)
    })
}

async function act({ client, json }: Shared, options: Options): Promise<void> {
  const body = requestOf(options)
  const plan = leavingOut(options, await client.call('getEmergency'))
  if (options.plan === true) { print(json, plan, () => planLines(plan, body)); return }
  if (options.yes !== true && !await isConfirmed(planLines(plan, body))) throw new Mistake(`Nothing was done. Type "${ANSWER}" when asked, or add --yes.`)
  const report = leavingOut(options, await client.call('runEmergency', { body }))
  // What nobody can get a second time is out before anything else can fail.
  if (!json) print(false, report, () => reportLines(report))
  const dataKeys = await follow(client, report.dataKeys)
  if (json) print(true, { ...report, dataKeys }, () => [])
  else print(false, report, () => [`Data keys: ${dataKeys.last?.valuesDone ?? 0} values of ${dataKeys.last?.owners ?? 0} owners are sealed anew.`])
}

/** Nobody is told to do what this command does by itself: `--next-vault` moves the store to a new key-encryption key. */
const leavingOut = <From extends Pick<EmergencyPlan, 'left'>>({ nextVault }: Options, from: From): From => (nextVault === undefined ? from : { ...from, left: from.left.filter(({ code }) => code !== 'key-encryption-key') })

function requestOf({ keepKey = [], passwords, keepFactors, providers }: Options): EmergencyRequest {
  const parsed = EmergencyRequest.safeParse({ keepKeys: [...keepKey], passwords, providers, factors: keepFactors === true ? 'keep' : 'remove' })
  if (!parsed.success) throw new Mistake('Give --passwords end, change or keep; --providers standby, remove or keep; and --keep-key the id of a key.')
  return parsed.data
}

async function isConfirmed(lines: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Mistake('This signs everybody out and ends every API key. See what it does with --plan; add --yes to do it.')
  process.stderr.write(`${lines.map(forTerminal).join('\n')}\n`)
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await asking.question(`Type "${ANSWER}" to do it: `)).trim() === ANSWER
  } finally {
    asking.close()
  }
}

const countLines = (counts: EmergencyCounts): readonly string[] => [
  `  ${counts.sessions} browsers and ${counts.programs} programs that are signed in, and every stream that they have open`, `  ${counts.waiting} sign-ins that wait for a second factor`, `  ${counts.keys} API keys, those of services too`,
  `  ${counts.links} links to another password or address, and ${counts.invitations} invitations`, `  ${counts.openings} openings of others' conversations`, `  ${counts.passwords} passwords`, `  ${counts.factors} second factors, and ${counts.identities} identities linked beside a password`,
]

const passwordWords: Readonly<Record<EmergencyRequest['passwords'], string>> = {
  end: 'Passwords open nothing any more. You get a link to a new one; others ask for theirs by mail, or get one from you: accounts reset-link ADDRESS',
  change: 'Passwords hold once more, for choosing a new one. Whoever knows one may be faster than its owner.',
  keep: 'Passwords stay.',
}
const providerWords: Readonly<Record<EmergencyRequest['providers'], string>> = {
  standby: 'Where a provider has a key that stands by, it takes over, and former ones are destroyed.', remove: 'Stored providers are removed with all their keys.', keep: 'Keys of model providers stay.',
}

function planLines({ holds, left }: EmergencyPlan, { keepKeys, passwords, factors, providers }: EmergencyRequest): readonly string[] {
  return [
    'This is there, and ends:', ...countLines(holds), ...(keepKeys.length === 0 ? [] : [`  but not: ${keepKeys.join(', ')}`]), passwordWords[passwords], ...(factors === 'keep' ? ['Second factors and linked identities stay.'] : []), providerWords[providers],
    'The key that signs tokens is replaced at once, and every data key; what they sealed is sealed anew.', 'Left to people:', ...leftLines(left),
  ]
}

const leftLines = (left: EmergencyPlan['left']): readonly string[] => left.map(({ what, names }, index) => `  ${index + 1}. ${what}${names.length === 0 ? '' : ` These: ${names.join(', ')}.`}`)

function reportLines({ ended, keptKeys, signingKeyId, providers, resetLink, canMail, left }: EmergencyReport): readonly string[] {
  const named = (what: string, names: readonly string[]) => (names.length === 0 ? [] : [`${what}: ${names.join(', ')}`])
  return [
    'Ended:', ...countLines(ended), `${keptKeys} API keys go on. Tokens are signed by ${signingKeyId ?? 'a new key'} alone.`,
    ...named('Providers that moved to the key that stood by', providers.moved), ...named('Providers that were removed', providers.removed), ...named('Providers that go on with their key', providers.left),
    ...(resetLink === null ? [] : [`Your link to a new password. It works once, until ${resetLink.expiresAt}:`, resetLink.link, canMail ? 'Others have one sent to them: "Forgot your password?" on the page to sign in.' : 'No mail is sent. Make a link for each of the others: npm run sallyport -- accounts reset-link ADDRESS']),
    'Left to people:', ...leftLines(left),
  ]
}
