import { HUMAN_CHECK_CHARACTERS, HUMAN_CHECK_HEADER, type OperationId } from '@sallyport/contract'
import type { HumanChecks } from '../../domains/human-checks/index.ts'
import { humanCheckOf } from '../../policy/human-check.ts'
import type { Visit } from '../visit.ts'

type Checks = Pick<HumanChecks, 'require'>
const NAME = HUMAN_CHECK_HEADER.toLowerCase()

/** Asks suspicious callers to show that they are no program, before their call counts against a limit: the same call comes again with the answer. */
export const requireHuman = (checks: Checks) => async (visit: Visit): Promise<void> => {
  const { isLocal, operationId } = visit
  if (isLocal || operationId === null) return
  const row = humanCheckOf(operationId)
  if (row !== null && row.grants === undefined && await checks.require(callOf(visit, operationId))) visit.caller = { ...visit.caller, isCheckedHuman: true }
}

/** The same for an operation that is told apart by its body, when that is read; null for one that is not, decided once. */
export function requireHumanForGrant(checks: Checks, operationId: OperationId): ((visit: Visit, body: unknown) => Promise<void>) | null {
  const grants = humanCheckOf(operationId)?.grants
  if (grants === undefined) return null
  return async (visit, body) => {
    if (visit.isLocal || typeof body !== 'object' || body === null || !('grant_type' in body)) return
    if (grants.includes(String(body.grant_type))) await checks.require(callOf(visit, operationId))
  }
}

function callOf({ request, caller }: Visit, operationId: OperationId) {
  const sent = request.headers[NAME]
  return { operationId, caller, answer: sent === undefined ? null : String(sent).slice(0, HUMAN_CHECK_CHARACTERS) }
}
