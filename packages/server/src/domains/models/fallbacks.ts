/** Models that take over, by the id of a model, or `PROVIDER/*` for all of a provider. */
export type Fallbacks = Readonly<Record<string, readonly string[]>>
