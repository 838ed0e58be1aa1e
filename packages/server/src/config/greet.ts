import type { Secret } from '../kernel/secret.ts'
import { ConfigProblem, type Config } from './load.ts'
import { isExposed, type Concern } from './review.ts'

interface Greeting { readonly url: string; readonly config: Config; readonly setupToken: Secret | null; readonly hasProviders: boolean; readonly concerns: readonly Concern[]; readonly notices: readonly string[] }

/** What a person reads at start: the address, the one-time set-up link, and what is not yet configured. Standard output only, never the log. */
export function greet({ url, config, setupToken, hasProviders, concerns, notices }: Greeting): string {
  const lines = [`Sallyport is ready at ${url}`]
  if (setupToken !== null) lines.push('', 'Make the first account with this link. It works once, and until the next start:', `  ${url}/setup#${setupToken.reveal()}`)
  const missing: string[] = [...notices]
  if (!hasProviders) missing.push('No model provider is configured: the built-in assistant answers from documents. Add one on the page under Providers.')
  if (config.vault.kind === 'key-file') missing.push(`The key that opens all data is in ${config.keyFile}. Keep a copy of it elsewhere: without it the data cannot be read.`)
  missing.push(...concerns.map(({ found, mend }) => `${found} ${mend}`))
  if (missing.length > 0) lines.push('', ...missing.map((line) => `- ${line}`))
  return `${lines.join('\n')}\n`
}

/** Refuses to start a server that others can reach with what would harm them (SEC-6). Throws `ConfigProblem` with all of it at once. */
export function requireSafe(config: Config, concerns: readonly Concern[]): void {
  const grave = isExposed(config) ? concerns.filter(({ isGrave }) => isGrave) : []
  if (grave.length > 0) throw new ConfigProblem(grave.map(({ about, found, means, mend }) => `${about}: ${found} ${means} ${mend}`))
}

/** What a person reads when the start fails: why, and the mend. No stack. */
export function describeFailure(error: unknown): string {
  if (error instanceof ConfigProblem) return `${error.message}\n`
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return `The port ${'port' in error ? `${String(error.port)} ` : ''}is in use. Stop what uses it, or choose another one: npm start -- --http.port 8081\n`
  if (error instanceof Error && 'code' in error && error.code === 'EACCES') return 'This user may not listen there. Choose a port above 1023: npm start -- --http.port 8080\n'
  return `Sallyport could not start. ${error instanceof Error ? error.message : 'The reason is not known.'}\n`
}
