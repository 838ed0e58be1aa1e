import type { DataKeyRotation, EmergencyCounts, EmergencyPlan, EmergencyReport, EmergencyRequest } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { leftToPeople, type LeftToPeople } from '../../policy/emergency.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import type { Endings, SharedRevocations } from '../revocations/index.ts'
import type { HoldingsStore } from './store.ts'

/** What an emergency ends beside sign-ins and keys. */
export interface EmergencySteps extends Pick<Endings, 'allSignIns' | 'allKeys'> {
  /** Second factors, recovery codes, and identities of accounts that have a password. Goes before `passwords`. */
  readonly factors: () => readonly WriteStep[]
  readonly passwords: (how: 'end' | 'change') => readonly WriteStep[]
}
export interface EmergencyDeps {
  readonly database: Database
  readonly clock: Clock
  readonly store: HoldingsStore
  readonly revocations: Pick<SharedRevocations, 'revoke'>
  readonly steps: EmergencySteps
  readonly areLivingKeys: (ids: readonly string[]) => Promise<boolean>
  readonly signingKeys: { rotate(by: Caller, endOld: boolean): Promise<void>; signerId(): string | null }
  readonly dataKeys: { replaceAll(caller: Caller): Promise<DataKeyRotation> }
  readonly replaceCredentials: (caller: Caller, how: EmergencyRequest['providers']) => Promise<EmergencyReport['providers']>
  readonly createResetLink: (caller: Caller, accountId: string) => Promise<{ link: string; expiresAt: string }>
  readonly canMail: boolean
  /** Providers whose keys, those whose keys a program makes, and settings whose secrets, only people can replace; apart from these, settings that open the store, and recipients of backups that the configuration names. */
  readonly elsewhere: () => Promise<{ readonly providers: readonly string[]; readonly hooked: readonly string[]; readonly identityProviders: readonly string[]; readonly settings: readonly string[]; readonly opening: readonly string[]; readonly recipients: readonly string[] }>
}

/**
 * Ends or replaces everything that an intruder could hold (SEC-11). Each part is one batch, so that it is there in full or not at all; run again
 * after it was cut off, it does what is missing, and ends once more what came meanwhile.
 */
export function createEmergency({ database, clock, store, revocations, steps, areLivingKeys, signingKeys, dataKeys, replaceCredentials, createResetLink, canMail, elsewhere }: EmergencyDeps) {
  const left = async (providers: readonly string[] = []): Promise<EmergencyPlan['left']> => {
    const [found, recipients] = [await elsewhere(), await store.recipients()]
    const named: Readonly<Partial<Record<LeftToPeople, readonly string[]>>> = { 'provider-keys': [...new Set([...found.providers, ...providers])].filter((name) => !found.hooked.includes(name)).toSorted(), 'provider-hooks': found.hooked, 'configured-secrets': found.settings, 'identity-providers': found.identityProviders,
      ...(found.recipients.length + recipients.length > 0 && { backups: [...found.recipients.map((recipient) => `${recipient} (named by the configuration)`), ...recipients.map(describeRecipient)] }), ...(found.opening.length > 0 && { 'key-encryption-key': found.opening }) }
    return Object.entries(leftToPeople).flatMap(([code, what]) => {
      const names = named[code as LeftToPeople]
      return names?.length === 0 ? [] : [{ code, what, names: [...names ?? []] }]
    })
  }
  const endSteps = ({ keepKeys, passwords, factors }: EmergencyRequest): readonly WriteStep[] => [
    ...(factors === 'remove' ? steps.factors() : []), ...(passwords === 'keep' ? [] : steps.passwords(passwords)), ...steps.allSignIns(), ...steps.allKeys(keepKeys),
  ]
  return {
    async plan(): Promise<EmergencyPlan> {
      return { holds: await store.count(clock.now()), canMail, left: await left() }
    },
    /** Throws `invalid-request` for a key to keep that does not live; then nothing has ended. Whoever asks is signed out too. */
    async run(caller: Caller, request: EmergencyRequest): Promise<EmergencyReport> {
      const { keepKeys, passwords, factors, providers } = request
      if (!await areLivingKeys(keepKeys)) throw new ProblemError('invalid-request', { detail: 'keepKeys: one of these keys is not there, or has ended. Nothing was ended.', members: { errors: [{ pointer: '/keepKeys', detail: 'Name keys that live.' }] } })
      const at = clock.now()
      const ended = endedOf(await store.count(at), request)
      await revocations.revoke({ kind: 'everything' }, [
        ...endSteps(request), auditStep(caller, { at, action: 'emergency-run', detail: { ...ended, keptKeys: keepKeys, passwordsHow: passwords, factorsHow: factors, providersHow: providers } }),
        securityEventStep(database, { at, type: 'emergency-run', severity: 'high', accountId: caller.scope?.accountId ?? null, detail: { ...ended } }),
      ])
      await signingKeys.rotate(caller, true)
      const replaced = await replaceCredentials(caller, providers)
      const rotation = await dataKeys.replaceAll(caller)
      // A password that was being checked when it ended, or a key that was being made, may have let somebody in behind the first batch.
      await revocations.revoke({ kind: 'everything' }, [...steps.allSignIns(), ...steps.allKeys(keepKeys)])
      return {
        ended, keptKeys: keepKeys.length, signingKeyId: signingKeys.signerId(), dataKeys: rotation, providers: replaced, canMail,
        resetLink: passwords === 'end' ? await createResetLink(caller, requireScope(caller).accountId) : null, left: await left([...replaced.moved, ...replaced.removed]),
      }
    },
  }
}
export type Emergency = ReturnType<typeof createEmergency>

const describeRecipient = ({ recipient, at, actor }: { readonly recipient: string; readonly at: number; readonly actor: string | null }): string =>
  `${recipient} (set ${toMoment(at)} by ${actor ?? 'somebody whom the audit log no longer names'})`

/** What ends of what there is. */
const endedOf = (holds: EmergencyCounts, { keepKeys, passwords, factors, providers }: EmergencyRequest): EmergencyCounts => ({
  ...holds, keys: holds.keys - new Set(keepKeys).size, ...(passwords === 'keep' && { passwords: 0 }), ...(factors === 'keep' && { factors: 0, identities: 0 }), ...(providers === 'keep' && { providerKeys: 0 }),
})
