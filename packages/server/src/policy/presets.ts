import type { ChosenRates } from './rate-rules.ts'

/** The coherent sets of settings that an operator chooses among (OPS-3). A setting that is given anywhere wins over its preset. */
export const presets = {
  personal: { limits: { turnsPerMinute: 20, questionCharacters: 4_000 }, identity: { secondFactorRequiredFor: [] } },
  team:     { limits: { turnsPerMinute: 10, questionCharacters: 10_000 }, identity: { secondFactorRequiredFor: ['owner', 'administrator'] } },
  public:   { limits: { turnsPerMinute: 10, questionCharacters: 1_000 }, identity: { secondFactorRequiredFor: ['owner', 'administrator'] }, humanCheck: { signUp: 'always' } },
} as const
/** Rates of a preset that differ from their defaults: alone on one's own machine, one's programs ask as much as oneself. */
export const presetRates = { personal: { 'turn-by-key': 1_000, 'conversation-by-key': 200 }, team: {}, public: {} } as const satisfies Record<keyof typeof presets, ChosenRates>

export type Preset = keyof typeof presets

/** The preset of a name that nobody checked yet; null when there is none of that name. */
export const presetNamed = (name: unknown): (typeof presets)[Preset] | null =>
  typeof name === 'string' && Object.hasOwn(presets, name) ? presets[name as Preset] : null
