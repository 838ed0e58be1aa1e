import { expect, test } from 'vitest'
import type { Role } from '@sallyport/contract'
import type { Caller } from '../../kernel/handler.ts'
import { callerLike } from '../../testing/caller.ts'
import { openAccounts } from '../../testing/open-accounts.ts'
import { describeEachEngine } from '../../testing/server-database.ts'
import { createSharedRevocations, revocationRoutes } from './index.ts'

const codeOf = (promise: Promise<unknown>) => promise.then(() => 'done', (error: unknown) => (error as { code: string }).code)

describeEachEngine('ending what somebody has open', (dialect) => {
  test('is for those who manage the role, and for oneself', async () => {
    await using open = await openAccounts(dialect)
    const { database, clock, accounts } = open
    const revocations = createSharedRevocations({ database, clock, onFailure: (error) => { throw error } })
    const none = () => []
    const { revokeAccount } = revocationRoutes({ database, clock, revocations, accounts, endings: { signInsOf: none, keysOf: none, allSignIns: none, allKeys: none } })
    const people: Partial<Record<Role, string>> = {}
    for (const role of ['owner', 'administrator', 'operator', 'member'] as const) people[role] = (await open.add(role, role)).id
    const other = (await open.add('second', 'administrator')).id
    const revoke = (role: Role, accountId: string) => codeOf(Promise.resolve(revokeAccount({ caller: callerOf(role), params: { accountId }, body: { keys: false } } as unknown as Parameters<typeof revokeAccount>[0])))
    const callerOf = (role: Role): Caller => callerLike(people[role] ?? '', role)
    for (const role of ['owner', 'administrator', 'operator', 'member'] as const) {
      expect(await revoke('owner', people[role] ?? '')).toBe('done')
      expect(await revoke('administrator', people[role] ?? '')).toBe(role === 'owner' ? 'not-allowed' : 'done')
    }
    expect([await revoke('administrator', other), await revoke('operator', people.member ?? ''), await revoke('owner', 'acc_none')]).toEqual(['not-allowed', 'not-allowed', 'not-found'])
    revocations.close()
  })
})
