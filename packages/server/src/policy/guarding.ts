import { detectorTypes, recognisers, type Action, type DetectorType, type Surface } from '@sallyport/guard'
import type { Preset } from './presets.ts'

export { detectorTypes, recognisers }
export type Guarding = Readonly<Record<DetectorType, Readonly<Record<Surface, Action>>>>

/** The same action wherever a text comes from or goes to. */
const everywhere = (action: Action) => ({ user: action, retrieved: action, tool: action, model: action }) as const satisfies Record<Surface, Action>

const secrets = {
  'access-token': everywhere('mask'),
  credential:     everywhere('mask'),
  'loose-secret': everywhere('mask'),
  'private-key':  everywhere('mask'),
  'provider-key': everywhere('mask'),
  'url-password': everywhere('mask'),
} as const

/** Stand-ins for who answers elsewhere; what a model says by itself of such data is masked. */
const standIns = { user: 'pseudonymise', retrieved: 'pseudonymise', tool: 'pseudonymise', model: 'mask' } as const satisfies Record<Surface, Action>

const personalData = {
  email:          standIns,
  phone:          standIns,
  iban:           everywhere('mask'),
  'national-id':  everywhere('mask'),
  'payment-card': everywhere('mask'),
  'us-ssn':       everywhere('mask'),
  // Ordinary words of anyone who talks about machines or calendars: masking them would make answers useless.
  'date-of-birth': everywhere('warn'),
  'ip-address':    everywhere('allow'),
  'mac-address':   everywhere('allow'),
} as const

/** Found only where an operator switches their recognisers on. A model may name Ada Lovelace: what it says by itself of people stays. */
const people = {
  person:           { ...standIns, model: 'allow' },
  'postal-address': { ...standIns, model: 'warn' },
} as const
const maskedPeople = {
  person:           { ...everywhere('mask'), model: 'allow' },
  'postal-address': everywhere('mask'),
} as const

/** What a text says to the model behind its reader's back. In documents and tool results it has no business at all. */
const prompts = {
  canary:        { user: 'allow', retrieved: 'drop', tool: 'drop', model: 'block' },
  'hidden-text': { user: 'drop',  retrieved: 'drop', tool: 'drop', model: 'drop' },
} as const

/** How sure the guard must be, and what follows: what a person types may be answered back to them, so it is judged by preset. */
const injection = (certain: Action, likely: Action) => ({
  'injection-certain': { user: certain, retrieved: 'drop', tool: 'warn', model: 'allow' },
  'injection-likely':  { user: likely,  retrieved: 'drop', tool: 'warn', model: 'allow' },
  'injection-hint':    { user: 'warn',  retrieved: 'warn', tool: 'warn', model: 'allow' },
}) as const

/** What happens when a finding turns up on a surface, by preset. A detector without a row does not compile. */
export const guarding: Readonly<Record<Preset, Guarding>> = {
  personal: { ...secrets, ...personalData, ...people, ...prompts, ...injection('warn', 'warn') },
  team:     { ...secrets, ...personalData, ...people, ...prompts, ...injection('challenge', 'warn') },
  public:   { ...secrets, ...personalData, email: everywhere('mask'), phone: everywhere('mask'), ...maskedPeople, ...prompts, ...injection('block', 'challenge') },
}

/** How a found type is kept in its owner's own history (PRI-2): as it was written, masked, or not at all. */
export const storing: Readonly<Record<DetectorType, 'keep' | 'mask' | 'drop'>> = {
  canary: 'keep', 'hidden-text': 'keep', 'injection-certain': 'keep', 'injection-likely': 'keep', 'injection-hint': 'keep',
  'access-token': 'mask', credential: 'mask', 'loose-secret': 'mask', 'private-key': 'mask', 'provider-key': 'mask', 'url-password': 'mask',
  iban: 'mask', 'national-id': 'mask', 'payment-card': 'mask', 'us-ssn': 'mask',
  email: 'keep', phone: 'keep', 'date-of-birth': 'keep', 'ip-address': 'keep', 'mac-address': 'keep',
  person: 'keep', 'postal-address': 'keep',
}

/** What becomes of a tool call that a model makes after it has read text from outside: a passage, or a tool's result (GRD-2). */
export type ToolCallRule = Readonly<Record<'retrieved' | 'tool', Extract<Action, 'allow' | 'warn' | 'challenge' | 'block'>>>

/** `challenge` marks the call for a person's approval. A program that works with tools lives by them, so their results alone stop no call. */
export const toolCalls: Readonly<Record<Preset, ToolCallRule>> = {
  personal: { retrieved: 'challenge', tool: 'challenge' },
  team:     { retrieved: 'challenge', tool: 'challenge' },
  public:   { retrieved: 'block',     tool: 'challenge' },
}

/** The actions that have a meaning on each surface: nobody can be asked about a passage, and an answer that is masked has no stand-ins. */
export const surfaceActions: Readonly<Record<Surface, readonly Action[]>> = {
  user:      ['allow', 'warn', 'pseudonymise', 'mask', 'drop', 'challenge', 'block'],
  tool:      ['allow', 'warn', 'pseudonymise', 'mask', 'drop', 'challenge', 'block'],
  retrieved: ['allow', 'warn', 'pseudonymise', 'mask', 'drop'],
  model:     ['allow', 'warn', 'mask', 'drop', 'block'],
}
export const surfaces = ['user', 'retrieved', 'tool', 'model'] as const satisfies readonly Surface[]
/** From the mildest to the strictest. */
export const strictness: readonly Action[] = ['allow', 'warn', 'pseudonymise', 'mask', 'drop', 'challenge', 'block']
