import type { HumanCheckDescriptor } from '../../ports/human-check.ts'
import { proofOfWork } from './proof-of-work/index.ts'
import { turnstile } from './turnstile/index.ts'

/** Every kind of human check. Add one: make a folder, add a line. */
export const humanChecks: readonly HumanCheckDescriptor[] = [proofOfWork, turnstile]
