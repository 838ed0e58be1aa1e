import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'

/** How a bucket is reached. `prefix` is empty, or ends with a slash. */
export const config = z.strictObject({
  address: z.url({ protocol: /^https?$/ }), region: z.string().min(1), bucket: z.string().min(3), prefix: z.string().max(201),
  accessKeyId: z.instanceof(Secret), secretAccessKey: z.instanceof(Secret), sessionToken: z.instanceof(Secret).nullable(),
})
export type S3Settings = z.output<typeof config>
