import { expect, test } from 'vitest'
import { describeWith } from '../../src/testing/needs.ts'
import { deaf, letsStreamsGoOn, runRevocations, surfaces } from './revocation.ts'

const note = () => undefined
const hadEffect = (values: readonly number[]) => values.length > 0 && values.every(Number.isFinite)

describeWith('postgres', 'two processes over one store', () => {
  test('what one of them revokes ends at both, on every surface', { timeout: 120_000 }, async () => {
    const effects = await runRevocations({ rounds: 3, note })
    for (const surface of surfaces) expect([surface, hadEffect(effects.same[surface]), hadEffect(effects.other[surface])]).toEqual([surface, true, true])
  })

  test('a process that does not hear the other is found out, on every surface', { timeout: 120_000 }, async () => {
    const effects = await runRevocations({ rounds: 1, note, patches: deaf })
    for (const surface of surfaces) expect([surface, hadEffect(effects.same[surface]), hadEffect(effects.other[surface])]).toEqual([surface, true, false])
  })

  test('one that lets open streams go on is found out', { timeout: 120_000 }, async () => {
    const effects = await runRevocations({ rounds: 1, note, patches: letsStreamsGoOn })
    expect(hadEffect(effects.same.REST) && hadEffect(effects.other.REST)).toBe(true)
    expect(hadEffect(effects.other.gateway)).toBe(false)
  })
})
