import type { DeploymentEnvironment } from '@sallyport/contract'
import type { Selectable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { rotationHooks } from '../../policy/provider-credentials.ts'
import type { ProviderHookTaskTable } from './tables.ts'

export type HookTask = Selectable<ProviderHookTaskTable>
/** A version of a key. */
export interface HookSubject { readonly credentialId: string; readonly providerId: string; readonly environment: DeploymentEnvironment }
export interface HookClaim { readonly id: string; readonly at: number; readonly until: number; /** What whoever claims has seen: somebody who has tried since is noticed. */ readonly failures: number }

/** What hooks are to do, and who does it now. */
export const createHookTaskStore = ({ read }: Database) => ({
  /** Everything that could not be done yet, of one provider or of all. */
  failing: (providerId?: string): Promise<HookTask[]> =>
    read.selectFrom('provider_hook_task').selectAll().where('failures', '>', 0).$if(providerId !== undefined, (query) => query.where('provider_id', '=', providerId ?? '')).execute(),
  find: (credentialId: string, verb: HookTask['verb']) => read.selectFrom('provider_hook_task').selectAll().where('credential_id', '=', credentialId).where('verb', '=', verb).executeTakeFirst(),
  /** Versions that are destroyed here, or were never taken, and of which the provider was not told; with the number of those that were taken. */
  revocable: (at: number, environment: DeploymentEnvironment) => read.selectFrom('provider_hook_task as task').leftJoin('provider_credential as key', 'key.id', 'task.credential_id').selectAll('task').select('key.version as version')
    .where('task.verb', '=', 'revoke').where('task.environment', '=', environment).where((where) => where.or([where('key.state', 'is', null), where('key.state', '=', 'revoked')]))
    .where((where) => where.or([where('task.next_try_at', 'is', null), where('task.next_try_at', '<=', at), where('task.next_try_at', '>', at + 2 * rotationHooks.mostWaitSeconds * 1_000)])).orderBy('task.credential_id').execute(),
  /** Takes a task for itself; a conflict where another process has it, or has tried it since. A claim that lies too far ahead is a wrong clock's. */
  claim: (verb: HookTask['verb'], subject: HookSubject, { id, at, until, failures }: HookClaim): WriteStep => ({
    query: read.insertInto('provider_hook_task').values({ ...untried(verb, subject), claim_id: id, claimed_until: until })
      .onConflict((same) => same.columns(['credential_id', 'verb']).doUpdateSet({ claim_id: id, claimed_until: until }).where((where) => where.and([
        where('provider_hook_task.failures', '=', failures),
        where.or([where('provider_hook_task.claimed_until', 'is', null), where('provider_hook_task.claimed_until', '<=', at), where('provider_hook_task.claimed_until', '>', until + rotationHooks.claimMarginSeconds * 1_000)]),
      ]))).compile(), expectRows: 1,
  }),
  /** It is done. A conflict where the claim was lost. */
  end: (claimId: string): WriteStep => ({ query: read.deleteFrom('provider_hook_task').where('claim_id', '=', claimId).compile(), expectRows: 1 }),
  /** It is for another time, or for another process. */
  letGo: (claimId: string): WriteStep => ({ query: read.updateTable('provider_hook_task').set({ claim_id: null, claimed_until: null }).where('claim_id', '=', claimId).compile(), expectRows: 1 }),
  fail: (claimId: string, failed: Pick<HookTask, 'failures' | 'failure' | 'failed_at' | 'next_try_at'>): WriteStep => ({
    query: read.updateTable('provider_hook_task').set({ ...failed, claim_id: null, claimed_until: null }).where('claim_id', '=', claimId).compile(), expectRows: 1,
  }),
  /** Once this version is destroyed here, or if it was not taken by then, the provider is to be told. */
  planRevocation: (subject: HookSubject, notBefore: number | null): WriteStep => ({
    query: read.insertInto('provider_hook_task').values({ ...untried('revoke', subject), next_try_at: notBefore })
      .onConflict((same) => same.columns(['credential_id', 'verb']).doNothing()).compile(),
  }),
  /** A version was taken. A conflict where somebody began to tell the provider that it was not. */
  keep: (credentialId: string): WriteStep => ({
    query: read.updateTable('provider_hook_task').set({ next_try_at: null }).where('credential_id', '=', credentialId).where('verb', '=', 'revoke').where('claim_id', 'is', null).compile(), expectRows: 1,
  }),
  drop: (credentialId: string, verb: HookTask['verb']): WriteStep => ({ query: read.deleteFrom('provider_hook_task').where('credential_id', '=', credentialId).where('verb', '=', verb).compile() }),
  /** Whether there are rotations of versions that somebody has replaced meanwhile, and the step that forgets them. */
  hasSettled: async (): Promise<boolean> => (await settled(read).select('credential_id').limit(1).execute()).length > 0,
  dropSettled: (at: number): WriteStep => ({
    query: read.deleteFrom('provider_hook_task').where('verb', '=', 'rotate').where('credential_id', 'not in', read.selectFrom('provider_credential').select('id').where('state', '=', 'active'))
      .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<=', at)])).compile(),
  }),
})
export type HookTaskStore = ReturnType<typeof createHookTaskStore>

const untried = (verb: HookTask['verb'], { credentialId, providerId, environment }: HookSubject): HookTask =>
  ({ credential_id: credentialId, verb, provider_id: providerId, environment, claim_id: null, claimed_until: null, failures: 0, failure: null, failed_at: null, next_try_at: null })

const settled = (read: Database['read']) => read.selectFrom('provider_hook_task').where('verb', '=', 'rotate').where('credential_id', 'not in', read.selectFrom('provider_credential').select('id').where('state', '=', 'active'))
