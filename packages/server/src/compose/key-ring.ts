import { createBrokenValues, createKeyRing, SERVER_KEYS } from '../domains/secrets/index.ts'
import type { UseMeter } from '../domains/secret-uses/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { sealFormerlyClear } from './seal-clear.ts'
import { countOpenings, watchVault } from './secret-uses.ts'
import type { OpenStore } from './store.ts'

interface Surroundings { readonly clock: Clock; readonly log: Log; readonly meter: UseMeter }

/** The data keys of a store, before anything is read that they open. */
export async function composeKeyRing({ database, vault }: Pick<OpenStore, 'database' | 'vault'>, { clock, log, meter }: Surroundings) {
  const keyRing = createKeyRing(database, watchVault(vault, meter), clock)
  countOpenings(keyRing, meter)
  const brokenValues = createBrokenValues({ database, keyRing, clock })
  const serverSealer = await keyRing.ensure(SERVER_KEYS)
  const sealed = await sealFormerlyClear(database, keyRing)
  if (sealed > 0) log.warn({ values: sealed, ...(database.dialect === 'postgres' && { next: 'PostgreSQL keeps former rows in its files: see docs/operations/postgresql.md' }) }, 'clear-values-sealed')
  return { keyRing, brokenValues, serverSealer }
}
export type ComposedKeyRing = Awaited<ReturnType<typeof composeKeyRing>>
