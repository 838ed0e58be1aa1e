import * as z from 'zod'
import type { ModerationCategory } from '../../../kernel/hazards.ts'
import type { ModeratorDescriptor } from '../../../ports/moderator.ts'
import { remoteConfig, type RemoteConfig } from '../shared/config.ts'
import { postJson } from '../shared/post-json.ts'

/** OpenAI's categories in the words of our taxonomy. One that is not listed here changes nothing. */
const categories: Readonly<Record<string, ModerationCategory>> = {
  harassment: 'hate', 'harassment/threatening': 'violent-crime', hate: 'hate', 'hate/threatening': 'hate',
  illicit: 'non-violent-crime', 'illicit/violent': 'violent-crime',
  'self-harm': 'self-harm', 'self-harm/intent': 'self-harm', 'self-harm/instructions': 'self-harm',
  sexual: 'sexual-content', 'sexual/minors': 'child-exploitation', violence: 'violent-crime', 'violence/graphic': 'violent-crime',
}
const Answer = z.object({ results: z.array(z.object({ flagged: z.boolean(), categories: z.record(z.string(), z.boolean().nullable()) })).min(1) })

/** Any server with OpenAI's `moderations` endpoint. */
export const openAiModerations: ModeratorDescriptor<RemoteConfig> = {
  id: 'openai-moderations',
  title: 'OpenAI-compatible moderation',
  remote: true,
  config: remoteConfig,
  create: ({ baseUrl, credential, model }, deps) => ({
    async moderate(text, _place, signal) {
      try {
        const { results } = Answer.parse(await postJson(deps, { baseUrl, path: '/moderations', credential, signal, body: { input: text, ...(model !== undefined && { model }) } }))
        const flagged = results.flatMap((result) => Object.entries(result.categories).filter(([, is]) => is === true).map(([name]) => categories[name]))
        return { outcome: 'judged', categories: [...new Set(flagged.filter((category) => category !== undefined))] }
      } catch (cause) {
        signal.throwIfAborted()
        return { outcome: 'unavailable', cause }
      }
    },
  }),
}
