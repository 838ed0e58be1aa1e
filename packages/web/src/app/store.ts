import { useSyncExternalStore } from 'react'

/** A value that components can watch. */
export interface Store<Value> {
  get(): Value
  set(change: Value | ((value: Value) => Value)): void
  subscribe(listener: () => void): () => void
}

const isChange = <Value>(change: Value | ((value: Value) => Value)): change is (value: Value) => Value => typeof change === 'function'

/** Makes a store. Listeners are told at once, and only when the value is another one. */
export function createStore<Value>(initial: Value): Store<Value> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(change) {
      const next = isChange(change) ? change(value) : change
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
  }
}

/** The present value of a store, and a new render whenever it changes. */
export const useStore = <Value,>(store: Store<Value>): Value => useSyncExternalStore(store.subscribe, store.get)
