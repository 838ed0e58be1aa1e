import { ConfigProblem, describeFailure } from '@sallyport/server/ops'
import { Command, CommanderError } from 'commander'
import { Refusal } from './client.ts'
import { accounts } from './commands/accounts.ts'
import { ask } from './commands/ask.ts'
import { audit } from './commands/audit.ts'
import { backup } from './commands/backup.ts'
import { bans } from './commands/bans.ts'
import { budgets } from './commands/budgets.ts'
import { database } from './commands/database.ts'
import { doctor } from './commands/doctor.ts'
import { emergency } from './commands/emergency.ts'
import { groups } from './commands/groups.ts'
import { identityProviders } from './commands/identity-providers.ts'
import { keys } from './commands/keys.ts'
import { knowledge } from './commands/knowledge.ts'
import { privacy } from './commands/privacy.ts'
import { providers } from './commands/providers.ts'
import { secrets } from './commands/secrets.ts'
import { sessions } from './commands/sessions.ts'
import { tokens } from './commands/tokens.ts'
import { usage } from './commands/usage.ts'
import { Mistake } from './connect.ts'
import { forTerminal } from './print.ts'

process.umask(0o077)
const program = new Command('sallyport').description('Administers a Sallyport server: the running one of this data directory, or its files while none runs.')
  .option('--json', 'one object instead of text').option('--server <url>', 'a server elsewhere, with SALLYPORT_API_KEY')
for (const add of [accounts, audit, backup, bans, budgets, database, doctor, emergency, groups, identityProviders, keys, knowledge, privacy, providers, secrets, sessions, tokens, usage]) add(program)
ask(program.command('ask').description('ask one question'))

try {
  await program.exitOverride().parseAsync(process.argv)
} catch (error) {
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1
  if (!(error instanceof CommanderError)) {
    const code = error instanceof Refusal ? error.problem.code : 'failed'
    process.stderr.write(process.argv.includes('--json') ? `${JSON.stringify({ error: { code, message: messageOf(error) } })}\n` : `${forTerminal(messageOf(error))}\n`)
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Refusal) return error.problem.code === 'not-signed-in' && !process.argv.includes('--server') ? 'There is no account yet. Run npm start, and open the set-up link that it prints.' : error.message
  if (error instanceof Mistake || error instanceof ConfigProblem) return error.message
  return describeFailure(error).trim()
}
