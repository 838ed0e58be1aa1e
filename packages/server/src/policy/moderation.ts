import type { ModerationCategory, ModerationPlace } from '../kernel/hazards.ts'

/** `warn` is a note on the message; `block` refuses a question, or ends an answer. */
export type ModerationAction = 'allow' | 'warn' | 'block'

/** What follows from a hazard (GRD-7). A category without a row does not compile. */
export const moderation: Readonly<Record<ModerationCategory, Readonly<Record<ModerationPlace, ModerationAction>>>> = {
  'child-exploitation':     { input: 'block', output: 'block' },
  'indiscriminate-weapons': { input: 'block', output: 'block' },
  'sex-crime':              { input: 'block', output: 'block' },
  'violent-crime':          { input: 'warn',  output: 'block' },
  'non-violent-crime':      { input: 'warn',  output: 'warn' },
  'self-harm':              { input: 'warn',  output: 'block' },
  hate:                     { input: 'warn',  output: 'block' },
  'sexual-content':         { input: 'warn',  output: 'warn' },
  'code-abuse':             { input: 'warn',  output: 'warn' },
  privacy:                  { input: 'warn',  output: 'warn' },
  defamation:               { input: 'warn',  output: 'warn' },
  'specialised-advice':     { input: 'allow', output: 'warn' },
  'intellectual-property':  { input: 'allow', output: 'warn' },
  elections:                { input: 'allow', output: 'warn' },
}

/** What follows when a moderator that was asked for cannot tell. Closed, unless an operator decides otherwise. */
export const moderationUnavailable: Readonly<Record<ModerationPlace, 'block' | 'allow'>> = { input: 'block', output: 'block' }

/** How much of an answer is judged at a time, and how much of what went before is judged with it. */
export const moderationSegment = { localCharacters: 200, remoteCharacters: 400, contextCharacters: 800 } as const
/** How long a moderator may take. */
export const moderationSeconds = 10
