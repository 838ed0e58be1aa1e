import { parentPort } from 'node:worker_threads'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import { dictionary as english, translations } from '@zxcvbn-ts/language-en'
import type { EstimateReply, EstimateRequest } from './strength-protocol.ts'

// The dictionaries take some 70 MB while they are looked into, so they live in this thread, which ends when nobody asks any more.
const estimator = new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs, translations })

parentPort?.on('message', ({ id, password, words }: EstimateRequest) => {
  const { guesses, score, feedback } = estimator.check(password, [...words])
  const advice = [...new Set([feedback.warning, ...feedback.suggestions])].filter((line) => typeof line === 'string' && line !== '').join(' ')
  parentPort?.postMessage({ id, guesses, score, advice } satisfies EstimateReply)
})
