import { ProblemError } from '../kernel/problem.ts'

/** A conversation takes one question at a time. */
export const answerRunning = () => new ProblemError('conflict', { detail: 'An answer is still being written in this conversation. Wait for it, or stop it.' })
