import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'

/** Where a moderator listens, and with which key and model. */
export const remoteConfig = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }).transform((text) => new URL(text)),
  credential: z.instanceof(Secret).optional(),
  model: z.string().min(1).max(200).optional(),
})
export type RemoteConfig = z.output<typeof remoteConfig>
