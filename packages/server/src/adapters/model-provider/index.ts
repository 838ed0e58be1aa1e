import type { ModelProviderDescriptor } from '../../ports/model-provider.ts'
import { openAiCompatible } from './openai-compatible/index.ts'
import { openAi } from './openai/index.ts'

/** Every kind of provider that can be configured. Add one: make a folder, add a line (`docs/recipes/add-a-provider.md`). */
export const modelProviders: readonly ModelProviderDescriptor[] = [
  openAi,
  openAiCompatible,
]
