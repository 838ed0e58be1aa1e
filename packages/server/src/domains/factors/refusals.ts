import { ProblemError } from '../../kernel/problem.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'

/** A proof that does not hold. `detail` says what to do next. */
export const wrongSecondFactor = (detail: string, cause?: unknown) => new ProblemError('wrong-second-factor', { detail, ...(cause !== undefined && { cause }) })

/** A sign-in that is unknown, over or used up. */
export const signInExpired = () => new ProblemError('sign-in-expired', { detail: 'It took too long, or was tried too often. Sign in again from the beginning.' })

/** Somebody must wait so many milliseconds until a code is heard again. */
export const tooManyProofs = (milliseconds: number) =>
  refuseTooMuch('tries', 'Several codes were wrong. Wait, then give a new one; or use a passkey or a recovery code.', milliseconds / 1_000)
