import type { Belongings } from '../domains/accounts/index.ts'
import type { Budgets } from '../domains/budgets/index.ts'
import type { Knowledge } from '../domains/knowledge/index.ts'
import type { Penalties } from '../domains/penalties/index.ts'
import type { SharedRevocations } from '../domains/revocations/index.ts'
import type { Sessions } from '../domains/sessions/index.ts'

interface Holders {
  /** Sessions of browsers, and families of tokens. */
  readonly endSignIns: Sessions['endSteps']
  readonly budgets: Pick<Budgets, 'eraseSteps'>
  readonly knowledge: Pick<Knowledge, 'eraseSteps'>
  readonly penalties: Pick<Penalties, 'eraseSteps'>
  readonly revocations: Pick<SharedRevocations, 'step' | 'announce'>
}

/** What ends with an account, from every domain that has something of it. Rows that refer to the account go with its row. */
export function composeBelongings({ endSignIns, budgets, knowledge, penalties, revocations }: Holders): Belongings {
  const revoked = (accountId: string, keepSessionId: string | null) => ({ kind: 'account', accountId, exceptSessionId: keepSessionId }) as const
  return {
    endCredentials: (accountId, keepSessionId) => endSignIns(accountId, keepSessionId),
    standingChanged: (accountId, keepSessionId) => revocations.step(revoked(accountId, keepSessionId)),
    announce: (accountId, keepSessionId) => { revocations.announce(revoked(accountId, keepSessionId)) },
    erase: (accountId) => [...knowledge.eraseSteps(accountId), ...budgets.eraseSteps(accountId), ...penalties.eraseSteps(accountId)],
  }
}
