import type { Tunable } from './limits.ts'

/** Who may be given a kept answer: nobody, whoever asked before, or everybody here. */
export const answerCacheReaches = ['off', 'own', 'shared'] as const
export type AnswerCacheReach = (typeof answerCacheReaches)[number]

/** How long an answer is kept, and how much all of them may take (PRV-10). */
export const answerCacheHours = { default: 24, min: 1, max: 720 } as const satisfies Tunable
export const answerCacheMegabytes = { default: 64, min: 1, max: 10_240 } as const satisfies Tunable

/**
 * A longer answer is not kept. An account has at most this share of the room, so that nobody pushes out everybody else's. A sweep leaves
 * `sweptShare` of it, so that there is room for more until the next, and removes so many rows in one batch. `version` is part of every key: a change of what a kept answer is makes all of them unfindable.
 */
export const answerCacheRules = { answerBytes: 65_536, accountShare: 0.25, sweptShare: 0.9, removeAtOnce: 500, version: 1 } as const
