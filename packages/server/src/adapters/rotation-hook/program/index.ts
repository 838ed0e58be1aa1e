import * as z from 'zod'
import { commandProblem } from '../../../kernel/command-problem.ts'
import { Secret } from '../../../kernel/secret.ts'
import type { HookCall, HookOutcome, RotationHookDescriptor } from '../../../ports/rotation-hook.ts'
import { runProgram } from './run-program.ts'

const config = z.strictObject({ programs: z.record(z.string(), z.strictObject({ origin: z.string(), command: z.array(z.string()).min(1).readonly() })), seconds: z.number().positive(), outputBytes: z.number().positive() })
type Config = z.output<typeof config>

/** Where programs are looked for that a hook runs itself: the usual places, whatever this server was started with. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const LINE = /^([^\r\n]+)\r?\n?$/

/**
 * A program of the operator's. It is looked at before each run, and is told what it needs by its environment: nothing of this server's own environment, where
 * secrets may be, goes along. What it says on standard error is thrown away, for a key may stand there.
 */
export const programHook: RotationHookDescriptor<Config> = {
  id: 'program',
  title: 'A program on this machine',
  config,
  create: ({ programs, seconds, outputBytes }) => ({
    origins: new Map(Object.entries(programs).map(([provider, { origin }]) => [provider, origin])),
    seconds,
    async run(call, signal) {
      const [program, ...given] = programs[call.provider]?.command ?? []
      if (program === undefined) return { isDone: false, reason: 'not-started' }
      if (commandProblem([program, ...given]) !== null) return { isDone: false, reason: 'unsafe-program' }
      const ran = await runProgram(program, [...given, call.verb], { environment: environmentOf(call), milliseconds: seconds * 1_000, outputBytes, signal })
      return ran.end === 'done' ? toOutcome(call, ran.output) : { isDone: false, reason: ran.end === 'too-much' ? 'no-key' : ran.end }
    },
  }),
}

const environmentOf = ({ verb, provider, baseUrl, keyId, newKeyId }: HookCall): Readonly<Record<string, string>> => ({
  PATH, LANG: 'C.UTF-8', SALLYPORT_HOOK: verb, SALLYPORT_PROVIDER: provider, SALLYPORT_PROVIDER_URL: baseUrl, SALLYPORT_KEY_ID: keyId, ...(newKeyId !== null && { SALLYPORT_NEW_KEY_ID: newKeyId }),
})

function toOutcome({ verb }: HookCall, output: Buffer): HookOutcome {
  const line = LINE.exec(output.toString('utf8'))?.[1] ?? ''
  output.fill(0)
  return verb === 'rotate' && line === '' ? { isDone: false, reason: 'no-key' } : { isDone: true, line: new Secret(line) }
}
