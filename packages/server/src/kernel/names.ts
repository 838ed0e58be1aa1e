/** Ids of what people call by a name. */
export interface Named { readonly accounts: readonly string[]; readonly groups: readonly string[]; readonly keys: readonly string[] }

/** What they are called, by id; what is gone is left out. */
export type NamesOf = (ids: Named) => Promise<ReadonlyMap<string, string>>
