import type { FormerStore as ShownStore } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import type { FormerStore, FormerStores, OpenFormer } from '../../database/former.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { auditStep } from '../audit/index.ts'
import { formerEndsAt } from './former-stores.ts'

interface ManageDeps { readonly stores: FormerStores; readonly database: Pick<Database, 'write'>; readonly clock: Clock; readonly days: number }

/** What administrators see of the stores that restores laid aside, and how they remove one before its days are over. */
export function createFormerManagement({ stores, database, clock, days }: ManageDeps) {
  const look = async ({ name, laidAsideAt }: FormerStore): Promise<ShownStore> => {
    const shown = { name, laidAsideAt: toMoment(laidAsideAt), endsAt: toMoment(formerEndsAt(laidAsideAt, days)) }
    const store = await stores.open(name)
    if (store === null) return { ...shown, state: 'closed', holds: null }
    try {
      if (await hasNoKeys(store)) return { ...shown, state: 'keys-destroyed', holds: null }
      return { ...shown, state: 'opens', holds: await holdsOf(store) }
    } finally {
      await store.close()
    }
  }
  return {
    /** Oldest first, one after another: each is a database of its own. */
    async list(): Promise<{ items: ShownStore[] }> {
      const items: ShownStore[] = []
      for (const each of await stores.list()) items.push(await look(each))
      return { items }
    },
    /** Throws `not-found`, and `conflict` where its keys are gone and the role of the server may do no more. */
    async remove(caller: Caller, name: string): Promise<{ outcome: 'removed' | 'keys-destroyed' }> {
      if (!(await stores.list()).some((store) => store.name === name)) throw new ProblemError('not-found')
      const outcome = await stores.remove(name)
      if (outcome === null) throw new ProblemError('conflict', { detail: `Its keys are destroyed already, and the server may not drop it. Whoever owns its tables can: drop schema ${name} cascade` })
      await database.write([auditStep(caller, { at: clock.now(), action: 'former-store-removed', detail: { name, outcome } })])
      return { outcome }
    },
  }
}
export type FormerManagement = ReturnType<typeof createFormerManagement>

const hasNoKeys = async ({ read }: OpenFormer): Promise<boolean> => await read.selectFrom('data_key').select('owner_id').executeTakeFirst() === undefined

/** What people have in it; the pages of the handbook are nobody's. */
async function holdsOf({ read }: OpenFormer): Promise<NonNullable<ShownStore['holds']>> {
  const { accounts } = await read.selectFrom('account').select(({ fn }) => fn.countAll<number>().as('accounts')).executeTakeFirstOrThrow()
  const { conversations } = await read.selectFrom('conversation').select(({ fn }) => fn.countAll<number>().as('conversations')).executeTakeFirstOrThrow()
  const others = read.selectFrom('collection').select('id').where('kind', '<>', 'handbook')
  const { documents } = await read.selectFrom('document').select(({ fn }) => fn.countAll<number>().as('documents')).where('collection_id', 'in', others).executeTakeFirstOrThrow()
  return { accounts, conversations, documents }
}
