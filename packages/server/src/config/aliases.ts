/** Names that people already have in their environment (SEC-13), each with the setting that it sets. */
export const settingAliases: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'log.level',
  MAX_MESSAGE_LENGTH: 'limits.questionCharacters',
}

/** A provider key in the environment is a configured provider. */
export const providerAliases = [
  { variable: 'OPENAI_API_KEY', name: 'openai', provider: { adapter: 'openai' } },
  { variable: 'GEMINI_API_KEY', name: 'gemini', provider: { adapter: 'gemini' } },
  { variable: 'OPENROUTER_API_KEY', name: 'openrouter', provider: { adapter: 'openrouter' } },
  { variable: 'ANTHROPIC_API_KEY', name: 'anthropic', provider: { adapter: 'anthropic' } },
] as const
