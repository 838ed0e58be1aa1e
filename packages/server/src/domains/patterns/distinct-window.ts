const BITS = 2_048
const WORDS = BITS / 32
/** A window is remembered in so many slots; the oldest is forgotten as a whole. */
const SLOTS = 4

/**
 * Counts different things in a sliding window, in 1 KB whatever their number: each sets one bit of its slot, and the bits that are still
 * clear tell how many there were (linear counting; Whang and others, 1990). Exact to one for dozens, to a few in a hundred for hundreds.
 */
export class DistinctWindow {
  readonly #slots = Array.from({ length: SLOTS }, () => new Uint32Array(WORDS))
  readonly #slotMilliseconds: number
  #current = 0
  /** Whether what is in it was told of another, who is part of this one. */
  isTold = false
  constructor(windowSeconds: number) { this.#slotMilliseconds = (windowSeconds * 1_000) / SLOTS }

  /** Notes one thing by its hash, and gives how many different ones there were. */
  add(hash: number, now: number): number {
    this.#moveTo(Math.floor(now / this.#slotMilliseconds))
    const bit = hash % BITS
    const slot = this.#slots[this.#current % SLOTS]
    if (slot !== undefined) slot[bit >>> 5] = (slot[bit >>> 5] ?? 0) | (1 << (bit & 31))
    return this.#count()
  }
  clear(): void { for (const slot of this.#slots) slot.fill(0) }

  #moveTo(current: number): void {
    // A clock that was set back a little stands until it has caught up; of one that jumped back, what was counted is of no time that is known.
    if (current < this.#current && current > this.#current - SLOTS) return
    if (current < this.#current || current - this.#current >= SLOTS) this.clear()
    else for (let slot = this.#current + 1; slot <= current; slot += 1) this.#slots[slot % SLOTS]?.fill(0)
    this.#current = current
  }
  #count(): number {
    let set = 0
    for (let word = 0; word < WORDS; word += 1) {
      let bits = 0
      for (const slot of this.#slots) bits |= slot[word] ?? 0
      set += onesIn(bits)
    }
    return set >= BITS ? Infinity : Math.round(-BITS * Math.log(1 - set / BITS))
  }
}

function onesIn(word: number): number {
  let count = 0
  for (let bits = word >>> 0; bits !== 0; bits &= bits - 1) count += 1
  return count
}
