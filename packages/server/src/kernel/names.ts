import { openIfWhole, type Place, type Sealer } from './seal.ts'

/** Ids of what people call by a name. */
export interface Named { readonly accounts: readonly string[]; readonly groups: readonly string[]; readonly keys: readonly string[] }

/** What they are called, by id; what is gone is left out. */
export type NamesOf = (ids: Named) => Promise<ReadonlyMap<string, string>>

/** Stands where a name was damaged or moved: whatever has it is still listed, and can be named anew. */
const UNREADABLE = 'Unreadable name'

/** A sealed name. One that does not open keeps nothing else from being shown; who keeps the sealers has heard of it. */
export const openName = (sealer: Pick<Sealer, 'open'>, place: Place, sealed: Uint8Array): string => openIfWhole(sealer, place, sealed) ?? UNREADABLE
