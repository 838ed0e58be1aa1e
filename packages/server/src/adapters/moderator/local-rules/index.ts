import * as z from 'zod'
import type { ModeratorDescriptor } from '../../../ports/moderator.ts'
import { matchRules } from './rules.ts'

const config = z.strictObject({})

/** A short list of rules of our own. Needs nobody, so it is on by default. */
export const localRules: ModeratorDescriptor<z.output<typeof config>> = {
  id: 'local-rules',
  title: 'Local rules',
  remote: false,
  config,
  create: () => ({ moderate: (text) => Promise.resolve({ outcome: 'judged', categories: matchRules(text) }) }),
}
