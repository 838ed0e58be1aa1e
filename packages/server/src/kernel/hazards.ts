/** The hazards of the MLCommons taxonomy, in the order of Llama Guard's codes S1 to S14. */
export const moderationCategories = [
  'violent-crime', 'non-violent-crime', 'sex-crime', 'child-exploitation', 'defamation', 'specialised-advice', 'privacy',
  'intellectual-property', 'indiscriminate-weapons', 'hate', 'self-harm', 'sexual-content', 'elections', 'code-abuse',
] as const
export type ModerationCategory = (typeof moderationCategories)[number]

/** Where a text stands in the turn: what a person asks, or what a model answers. */
export type ModerationPlace = 'input' | 'output'
