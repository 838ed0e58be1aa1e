const CHARACTERS_PER_TOKEN = 4

/** Tokens of a text by its length, where nobody counted: English and code come near it, and most other scripts need more. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN)
