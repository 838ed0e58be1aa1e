import type { ModeratorDescriptor } from '../../ports/moderator.ts'
import { guardModel } from './guard-model/index.ts'
import { localRules } from './local-rules/index.ts'
import { openAiModerations } from './openai-moderations/index.ts'

/** Every kind of moderator. Add one: make a folder, add a line. */
export const moderators: readonly ModeratorDescriptor[] = [localRules, openAiModerations, guardModel]
