import * as z from 'zod'

const Target = z.strictObject({ port: z.int(), head: z.string().describe('Request line and headers, without length'), body: z.string() })
export type Target = z.output<typeof Target>

/** What the load generator is asked to do. */
export const LoadOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('closed-loop'), target: Target, clients: z.int(), milliseconds: z.number().describe('No request begins later'), perClient: z.int().nullable(), streamed: z.boolean() }),
  z.strictObject({ kind: z.literal('first-text'), targets: z.array(Target), rounds: z.int() }),
  z.strictObject({ kind: z.literal('open-streams'), target: Target, streams: z.int() }),
  z.strictObject({ kind: z.literal('close-streams') }),
])
export type LoadOrder = z.output<typeof LoadOrder>

/** What it reports. `failures` counts every answer that was not whole and 200. */
export const LoadReport = z.strictObject({
  requests: z.int(), failures: z.int(), refusal: z.string(), seconds: z.number(),
  milliseconds: z.array(z.number()).describe('Per request; for first-text, none'),
  firstText: z.array(z.array(z.number())).describe('Milliseconds to the first text, per target and round'),
})
export type LoadReport = z.output<typeof LoadReport>
