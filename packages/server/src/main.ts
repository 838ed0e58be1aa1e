import { compose } from './compose/index.ts'
import { loadConfig } from './config/load.ts'
import { parseFlags } from './config/flags.ts'
import { describeFailure, greet } from './config/greet.ts'

process.umask(0o077)
try {
  const config = loadConfig(parseFlags(process.argv.slice(2)))
  const sallyport = await compose(config)
  const { url } = await sallyport.listen()
  process.stdout.write(greet({ url, config, setupToken: sallyport.setupToken, hasProviders: sallyport.hasProviders(), notices: await sallyport.notices() }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => { void sallyport.close().then(() => { process.exit(0) }) })
  }
} catch (error) {
  process.stderr.write(describeFailure(error))
  process.exit(1)
}
