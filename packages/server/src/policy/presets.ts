/** The coherent sets of numbers that an operator chooses among (OPS-3). A setting that is given anywhere wins over its preset. */
export const presets = {
  personal: { limits: { turnsPerMinute: 20, questionCharacters: 4_000 } },
  team:     { limits: { turnsPerMinute: 10, questionCharacters: 10_000 } },
  public:   { limits: { turnsPerMinute: 10, questionCharacters: 1_000 } },
} as const
export type Preset = keyof typeof presets

/** The preset of a name that nobody checked yet; null when there is none of that name. */
export const presetNamed = (name: unknown): (typeof presets)[Preset] | null =>
  typeof name === 'string' && Object.hasOwn(presets, name) ? presets[name as Preset] : null
