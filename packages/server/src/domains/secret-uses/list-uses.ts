import type { SecretUse } from '@sallyport/contract'
import { toMoment } from '../../kernel/clock.ts'
import { secretUse } from '../../policy/secret-uses.ts'
import { usualOf } from './jump.ts'
import type { SecretUseStore } from './store.ts'

const DAY = 86_400_000

/** Every secret that was used in the intervals that are kept, with its use of the last day. `present` is when the present interval began. */
export async function listUses(store: SecretUseStore, present: number): Promise<SecretUse[]> {
  const since = present - DAY + secretUse.intervalSeconds * 1_000
  const [rows, purposes] = [await store.since(present - secretUse.keptSeconds * 1_000), await store.purposesSince(since)]
  const uses: SecretUse[] = []
  for (const own of Map.groupBy(rows, ({ kind, name }) => `${kind} ${name}`).values()) {
    const last = own.at(-1)
    if (last === undefined) continue
    const { kind, name } = last
    const lastDay = own.filter(({ from_at: from }) => from >= since)
    const byPurpose = Map.groupBy(purposes.filter((each) => each.kind === kind && each.name === name), ({ purpose }) => purpose)
    const toldAt = own.findLast(({ told_at: at }) => at !== null)?.told_at ?? null
    const known = kind === 'provider-key' ? await store.providerOf(name) : null
    uses.push({
      kind, name, provider: known?.provider ?? null, version: known?.version ?? null, lastReadAt: toMoment(last.last_at), reads: added(lastDay, 'reads'), tokens: added(lastDay, 'tokens'),
      usualReads: usualOf(own, 'reads'), jumpedAt: toldAt === null ? null : toMoment(toldAt), purposes: [...byPurpose].map(([purpose, each]) => ({ purpose, reads: added(each, 'reads') })),
    })
  }
  return uses
}

const added = <Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key): number => rows.reduce((sum, row) => sum + row[key], 0)
