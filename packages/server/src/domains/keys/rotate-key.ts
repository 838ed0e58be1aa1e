import type { Key } from '@sallyport/contract'
import { tokenDigest } from '../../kernel/digest.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { keyValues } from '../../policy/limits.ts'
import { auditStep } from '../audit/index.ts'
import { newKeyValue, startOf } from './format.ts'
import type { KeyParts, Managing } from './key-parts.ts'

const HOUR_MILLISECONDS = 3_600_000

/** A new value, with the life that the old one had; the old one goes on for the hours of grace, never beyond its own end. Throws `not-found` and `conflict`. */
export const createRotation = ({ keysOf, formers, write, mustGet, shown, clock }: KeyParts) => async ({ owner, caller }: Managing, id: string, graceHours: number): Promise<{ key: Key; value: string }> => {
  const row = await mustGet(owner, id)
  const at = clock.now()
  const value = newKeyValue()
  const graceEnd = Math.min(at + graceHours * HOUR_MILLISECONDS, row.expires_at ?? Number.MAX_SAFE_INTEGER)
  const goesOn = graceEnd > at
  if (graceHours > 0 && (await formers.living([id], at)).length >= keyValues - 1) {
    throw new ProblemError('conflict', { detail: `${keyValues - 1} former values of this key still work. Rotate with 0 hours of grace to end them, or wait.` })
  }
  const life = row.expires_at === null ? null : at + (row.expires_at - (row.value_created_at ?? row.created_at))
  await write({ kind: graceHours === 0 ? 'key' : 'key-settings', keyId: id }, [
    formers.remove(id, graceHours === 0 ? undefined : at),
    ...(goesOn ? [formers.insert({ digest: row.digest, key_id: id, start: row.start, ends_at: graceEnd, last_used_at: row.last_used_at })] : []),
    keysOf(owner).rotate(id, row.digest, { digest: tokenDigest(value), start: startOf(value), at }),
    keysOf(owner).change(id, { expires_at: life }),
    auditStep(caller, { at, action: 'key-rotated', detail: { keyId: id, formerStart: row.start, formerEndsAt: goesOn ? graceEnd : at, start: startOf(value) } }),
  ], new ProblemError('conflict', { detail: 'The key was changed at the same moment. Look at it, then try again.' }))
  return { key: await shown(owner, id), value }
}
