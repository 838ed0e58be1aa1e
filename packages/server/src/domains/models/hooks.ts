import type { DeploymentEnvironment, HookReason, ProviderCredential } from '@sallyport/contract'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { ActiveProvider } from './active.ts'
import { heldBackProblem } from './environments.ts'
import { createHookClaims } from './hook-run.ts'
import { storedProvider } from './new-key.ts'
import { agingOf } from './remind-credentials.ts'
import { createHookRevocation } from './revoke-by-hook.ts'
import { createHookRotation, type HookRotationDeps } from './rotate-by-hook.ts'

interface HookDeps extends Omit<HookRotationDeps, 'claims' | 'closing'> {
  readonly active: ReadonlyMap<string, ActiveProvider>
  /** Takes up what other processes over the store have changed. */
  readonly takeUp: () => Promise<void>
  readonly environment: DeploymentEnvironment
  readonly shown: (providerId: string) => Promise<readonly ProviderCredential[]>
}

/** What whoever asked for a rotation is told of a hook that gave no key. Nothing of what it printed is in it. */
const told: Readonly<Record<HookReason, string>> = {
  'unsafe-program': 'The program is not run as it lies there. Say npm run sallyport -- doctor to see what is wrong with it.', 'not-started': 'The program could not be started.', 'timed-out': 'The program took too long and was ended.', failed: 'The program ended with an error.',
  'no-key': 'The program did not print one line with a key.', 'not-new': 'The program printed a key that is there already, or there are too many.', 'refused-key': 'The provider refused the new key.', 'provider-unavailable': 'The provider did not answer, so that the new key could not be tried.', 'changed-meanwhile': 'The keys were changed in the meantime.',
}

/** Where it was not the program that failed. */
const codes: Readonly<Partial<Record<HookReason, ProblemError['code']>>> = { 'refused-key': 'provider-error', 'provider-unavailable': 'provider-unavailable', 'changed-meanwhile': 'conflict' }

/** Keys that programs of the operator's make and end at providers: by schedule, and when somebody asks (SEC-7). */
export function createHooks(deps: HookDeps) {
  const { store, clock, hook, active, takeUp, shown } = deps
  const tasks = store.hookTasks
  const closing = new AbortController()
  const state: { running: Promise<unknown> } = { running: Promise.resolve() }
  const claims = createHookClaims({ ...deps, tasks })
  /** Its keys go to one origin alone: a provider that was saved anew under the name, at another, gets none. */
  const isMadeFor = ({ name, baseUrl }: Pick<ActiveProvider, 'name' | 'baseUrl'>) => baseUrl !== null && hook.origins.get(name) === new URL(baseUrl).origin
  /** A copy that holds a key for another environment has no business with it at the provider. */
  const covered = () => [...active.values()].filter(({ name, baseUrl, origin, heldBack, credential }) => origin === 'stored' && heldBack === null && credential !== null && isMadeFor({ name, baseUrl }))
  const rotate = createHookRotation({ ...deps, claims, closing: closing.signal })
  const revoke = createHookRevocation({ ...deps, claims, closing: closing.signal, covered })
  /** One after another in this process: each is a process of its own. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = state.running.then(work, work)
    state.running = next.catch(() => undefined)
    return next
  }
  const isDue = async ({ id }: ActiveProvider): Promise<boolean> => {
    const key = (await store.credentials.of(id)).find((row) => row.state === 'active')
    return key !== undefined && agingOf(key, clock.now()).includes('rotate') && claims.isReady(await tasks.find(key.id, 'rotate'))
  }
  return {
    /** Whether a program makes this provider's keys. */
    covers: (name: string): boolean => isMadeFor(active.get(name) ?? { name, baseUrl: null }),
    /** Replaces every key that is past its interval, and tells providers of those that are destroyed. */
    runDue: (): Promise<void> => inTurn(async () => {
      if (hook.origins.size === 0) return
      if (await tasks.hasSettled()) await deps.database.write([tasks.dropSettled(clock.now())])
      for (const provider of covered()) if (!closing.signal.aborted && await isDue(provider)) await rotate(provider, null)
      await revoke()
    }),
    /** Has a new key made now. Throws `not-found`, `conflict` where there is no program, no key, or it is under way, and `hook-failed`, `provider-error` or `provider-unavailable` where it failed: then nothing was changed. */
    async rotateNow(caller: Caller, name: string): Promise<ProviderCredential> {
      const provider = storedProvider(active, name)
      if (!hook.origins.has(name)) throw new ProblemError('conflict', { detail: `No program makes keys for ${name}. Name one in the setting secrets.rotationHooks, or add a key.` })
      if (provider.heldBack !== null) throw heldBackProblem(name, provider.heldBack, deps.environment)
      const rotated = await inTurn(async () => {
        await takeUp()
        const present = storedProvider(active, name)
        if (!isMadeFor(present)) throw elsewhere(name, hook.origins.get(name) ?? '')
        return rotate(present, caller)
      })
      if (rotated.outcome === 'failed') throw new ProblemError(codes[rotated.reason] ?? 'hook-failed', { detail: `${told[rotated.reason]} Nothing was changed.` })
      const made = rotated.outcome === 'rotated' ? (await shown(provider.id)).find(({ id }) => id === rotated.id) : undefined
      if (made === undefined) throw new ProblemError('conflict', { detail: 'Its key is being replaced at this moment, or was changed in the meantime. Look again, then try again.' })
      return made
    },
    /** What an operator should know at the start: programs for providers that have no key here to replace. */
    notices: (): readonly string[] => [...hook.origins].flatMap(([name, origin]) => {
      const provider = active.get(name)
      const why = provider === undefined ? 'there is no provider of that name' : provider.origin !== 'stored' ? 'its key comes from the configuration: save the provider on the page instead' : isMadeFor(provider) ? null : `it is not at ${origin}: its key is not replaced`
      return why === null ? [] : [`secrets.rotationHooks names ${name}, and ${why}.`]
    }),
    /** Ends what runs. */
    async close(): Promise<void> {
      closing.abort()
      await state.running
    },
  }
}
const elsewhere = (name: string, origin: string) => new ProblemError('conflict', { detail: `The program that makes keys for ${name} makes them for ${origin}, and ${name} is at another address: it gets none. Correct its address, or the setting secrets.rotationHooks.` })

export type Hooks = ReturnType<typeof createHooks>
