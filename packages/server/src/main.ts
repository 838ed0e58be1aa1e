import { compose } from './compose/index.ts'
import { fetchSecrets } from './compose/secret-references.ts'
import { loadConfig, readEnvironment } from './config/load.ts'
import { parseFlags } from './config/flags.ts'
import { describeFailure, greet, requireSafe } from './config/greet.ts'
import { reviewConfig } from './config/review.ts'

process.umask(0o077)
try {
  const { environment, problems } = await readEnvironment(fetchSecrets)
  const config = loadConfig(parseFlags(process.argv.slice(2)), environment, problems)
  const concerns = reviewConfig(config, environment)
  requireSafe(config, concerns)
  const sallyport = await compose(config)
  const { url } = await sallyport.listen()
  process.stdout.write(greet({ url, config, setupToken: sallyport.setupToken, hasProviders: sallyport.hasProviders(), concerns, notices: await sallyport.notices() }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => { void sallyport.close().then(() => { process.exit(0) }) })
  }
} catch (error) {
  process.stderr.write(describeFailure(error))
  process.exit(1)
}
