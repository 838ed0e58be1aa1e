import type { ReplyOf } from '@sallyport/contract'
import { createStore } from '../../app/store.ts'
import { call } from '../../wire/call.ts'
import { problemOf, type PageProblem } from '../../wire/problem.ts'

export type Model = ReplyOf<'listModels'>['items'][number]
export interface ModelsState {
  readonly items: readonly Model[]
  readonly defaultModel: string | null
  /** Chosen for the conversation that does not exist yet. */
  readonly chosen: string | null
  readonly problem: PageProblem | null
}

export const modelsStore = createStore<ModelsState>({ items: [], defaultModel: null, chosen: null, problem: null })

/** Loads the models that may be used. Called at sign-in and after a provider changed. */
export async function loadModels(): Promise<void> {
  try {
    const { items, defaultModel } = await call('listModels', {})
    modelsStore.set((state) => ({ ...state, items, defaultModel, problem: null }))
  } catch (error) {
    modelsStore.set((state) => ({ ...state, problem: problemOf(error) }))
  }
}

/** The model of a conversation, else the one chosen for the next, else the server's own choice. Null until models are known. */
export const modelFor = ({ items, chosen, defaultModel }: ModelsState, conversationModel: string | null): Model | null =>
  [conversationModel, chosen, defaultModel].map((id) => items.find((model) => model.id === id)).find((model) => model !== undefined) ?? null

/** Models under the names of their providers, in the server's order. */
export const groupByProvider = (items: readonly Model[]): readonly { readonly provider: string; readonly models: readonly Model[] }[] =>
  [...Map.groupBy(items, ({ provider }) => provider)].map(([provider, models]) => ({ provider, models }))
