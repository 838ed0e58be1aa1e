import type { ModelProviderDescriptor } from '../../ports/model-provider.ts'
import { anthropic } from './anthropic/index.ts'
import { gemini } from './gemini/index.ts'
import { library } from './library/index.ts'
import { ollama } from './ollama/index.ts'
import { openAiCompatible } from './openai-compatible/index.ts'
import { openAi } from './openai/index.ts'
import { openRouter } from './openrouter/index.ts'

/** Every kind of provider that can be configured. Add one: make a folder, add a line (`docs/recipes/add-a-provider.md`). */
export const modelProviders: readonly ModelProviderDescriptor[] = [
  library,
  openAi,
  gemini,
  openRouter,
  anthropic,
  ollama,
  openAiCompatible,
]
