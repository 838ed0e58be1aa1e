import type { Config } from '../config/load.ts'
import type { Handlers } from '../kernel/handler.ts'
import { rotationHooks } from '../policy/provider-credentials.ts'
import type { Domains } from './domains.ts'

const LOOK_MILLISECONDS = 6 * 3_600_000
/** A start is busy enough without it. */
const FIRST_LOOK_MILLISECONDS = 30_000

/** Tells now and then of API keys and of providers' keys that are old or end. Gives what ends it. */
export function scheduleKeyReminders({ keys, models }: { readonly keys: Pick<Domains['keys'], 'remindRotation'>; readonly models: Pick<Domains['models'], 'remindRotation'> }, onError: (error: unknown) => void): () => void {
  const look = () => { for (const { remindRotation } of [keys, models]) remindRotation().catch(onError) }
  const first = setTimeout(look, FIRST_LOOK_MILLISECONDS).unref()
  const again = setInterval(look, LOOK_MILLISECONDS).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

/** Looks now and then whether a program has to make a provider's key, or to end one. Gives what ends it. */
export function scheduleRotationHooks({ hooks }: { readonly hooks: Pick<Domains['models']['hooks'], 'runDue'> }, onError: (error: unknown) => void): () => void {
  let running: Promise<void> | null = null
  const look = () => { running ??= hooks.runDue().catch(onError).finally(() => { running = null }) }
  const first = setTimeout(look, FIRST_LOOK_MILLISECONDS).unref()
  const again = setInterval(look, rotationHooks.lookSeconds * 1_000).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

/** Takes up the keys of the configuration, once there is an owner: before, an account of theirs would stand where the first one belongs. */
export function createKeyImporter({ importedKeys }: Pick<Config, 'importedKeys'>, { keys, accounts }: Pick<Domains, 'keys' | 'accounts'>) {
  const now = async (): Promise<void> => {
    if (importedKeys.length > 0 && await accounts.firstOwner() !== null) await keys.importKeys(importedKeys)
  }
  return {
    now,
    /** The operation that makes the first owner, and then the import. */
    after: (createOwner: Handlers['createOwner']): Handlers['createOwner'] => async (call) => {
      const answer = await createOwner(call)
      await now()
      return answer
    },
  }
}
