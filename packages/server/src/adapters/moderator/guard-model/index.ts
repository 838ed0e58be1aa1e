import * as z from 'zod'
import { moderationCategories, type ModerationCategory } from '../../../kernel/hazards.ts'
import type { ModeratorDescriptor } from '../../../ports/moderator.ts'
import { remoteConfig, type RemoteConfig } from '../shared/config.ts'
import { postJson } from '../shared/post-json.ts'

const DEFAULT_MODEL = 'llama-guard3'
const ANSWER_TOKENS = 40
const Answer = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) })

/** A guard model behind a chat endpoint that answers as Llama Guard does: `safe`, or `unsafe` and a line of codes such as `S1,S10`. */
export const guardModel: ModeratorDescriptor<RemoteConfig> = {
  id: 'guard-model',
  title: 'Guard model (Llama Guard)',
  remote: true,
  config: remoteConfig,
  create: ({ baseUrl, credential, model = DEFAULT_MODEL }, deps) => ({
    async moderate(text, place, signal) {
      try {
        // The model judges the last message by its role; what a model wrote is judged as an assistant's.
        const messages = place === 'input' ? [{ role: 'user', content: text }] : [{ role: 'user', content: 'Continue.' }, { role: 'assistant', content: text }]
        const answer = Answer.parse(await postJson(deps, { baseUrl, path: '/chat/completions', credential, signal, body: { model, messages, temperature: 0, max_tokens: ANSWER_TOKENS, stream: false } }))
        return toAnswer(answer.choices[0]?.message.content ?? '')
      } catch (cause) {
        signal.throwIfAborted()
        return { outcome: 'unavailable', cause }
      }
    },
  }),
}

function toAnswer(content: string) {
  const [verdict = '', ...rest] = content.trim().split(/\s+/)
  if (verdict.toLowerCase() === 'safe') return { outcome: 'judged', categories: [] } as const
  const found = [...rest.join(' ').matchAll(/\bS(\d{1,2})\b/g)].map(([, code]) => moderationCategories[Number(code) - 1])
  const known = found.filter((category): category is ModerationCategory => category !== undefined)
  // A model that says neither word, or names no hazard that we know, has not judged.
  if (verdict.toLowerCase() !== 'unsafe' || known.length === 0) return { outcome: 'unavailable', cause: 'The guard model gave no verdict.' } as const
  return { outcome: 'judged', categories: [...new Set(known)] } as const
}
