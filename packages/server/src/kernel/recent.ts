/**
 * Remembers values for a short while, at most `size` of them; the one that was set longest ago goes first.
 * For what would otherwise be asked of the store on every request.
 */
export class Recent<Value> {
  readonly #entries = new Map<string, Value>()
  readonly #size: number
  constructor(size: number) { this.#size = size }
  #generation = 0
  /** Changes at each `forget`. What was read from the store before a change must not be remembered after it. */
  get generation(): number { return this.#generation }
  get(key: string): Value | undefined { return this.#entries.get(key) }
  /** Remembers, unless something was forgotten since `generation` was read. */
  set(key: string, value: Value, generation: number = this.#generation): void {
    if (generation !== this.#generation) return
    this.#entries.delete(key)
    if (this.#entries.size >= this.#size) {
      const oldest = this.#entries.keys().next()
      if (oldest.done !== true) this.#entries.delete(oldest.value)
    }
    this.#entries.set(key, value)
  }
  delete(key: string): void { this.#entries.delete(key) }
  /** Forgets every value for which `isStale` holds. */
  forget(isStale: (value: Value) => boolean): void {
    this.#generation += 1
    for (const [key, value] of this.#entries) if (isStale(value)) this.#entries.delete(key)
  }
}
