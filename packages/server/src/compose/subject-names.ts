import type { Database } from '../database/database.ts'
import { accountNameOf, createAccountStore } from '../domains/accounts/index.ts'
import { createGroupStore, openGroupName } from '../domains/groups/index.ts'
import { createKeyFinder, openKeyName } from '../domains/keys/index.ts'
import { SERVER_KEYS, type KeyRing } from '../domains/secrets/index.ts'
import type { NamesOf } from '../kernel/names.ts'

/** What accounts, groups and API keys are called, for lists of what is held for or against them. */
export function createSubjectNames(database: Database, keyRing: Pick<KeyRing, 'sealerOf'>): NamesOf {
  const [accountStore, groupStore, keyFinder] = [createAccountStore(database), createGroupStore(database), createKeyFinder(database)]
  const some = <Row>(ids: readonly string[], read: (ids: readonly string[]) => Promise<Row[]>): Promise<Row[]> => (ids.length === 0 ? Promise.resolve([]) : read(ids))
  return async ({ accounts, groups, keys }) => {
    const [ofAccounts, ofGroups, ofKeys] = await Promise.all([some(accounts, accountStore.named), some(groups, groupStore.byIds), some(keys, keyFinder.named)])
    const server = await keyRing.sealerOf(SERVER_KEYS)
    return new Map<string, string>([
      ...await Promise.all(ofAccounts.map(async (row) => [row.id, await accountNameOf(keyRing, row)] as const)),
      ...ofGroups.map((row) => [row.id, openGroupName(server, row)] as const),
      ...await Promise.all(ofKeys.map(async (row) => [row.id, openKeyName(await keyRing.sealerOf(row.account_id), row)] as const)),
    ])
  }
}
