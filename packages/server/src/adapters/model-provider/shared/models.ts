import type { OfferedModel } from '../../../ports/model-provider.ts'

export const MAX_MODELS = 10_000
const MAX_ID_LENGTH = 256
const MAX_NAME_LENGTH = 256

/** Drops what cannot be a model's id, and doubles; keeps the vendor's order. */
export function toOfferedModels(models: Iterable<{ readonly id: string; readonly name: string }>): readonly OfferedModel[] {
  const offered = new Map<string, OfferedModel>()
  for (const { id, name } of models) {
    if (id === '' || id.length > MAX_ID_LENGTH || offered.has(id)) continue
    offered.set(id, { id, name: (name === '' ? id : name).slice(0, MAX_NAME_LENGTH) })
  }
  return [...offered.values()]
}
