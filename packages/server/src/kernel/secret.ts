import { createHash, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'

const SHOWN = '[secret]'

/**
 * A value that must not be seen (SEC-2). String conversion, JSON, inspection and logging show `[secret]`;
 * only `reveal()` gives the value, and it is called where the value is used and nowhere else.
 */
export class Secret {
  readonly #value: string
  readonly #onReveal: (() => void) | null
  constructor(value: string, onReveal: (() => void) | null = null) {
    this.#value = value
    this.#onReveal = onReveal
  }
  reveal(): string {
    this.#onReveal?.()
    return this.#value
  }
  /** The same value; `onReveal` hears each time that it is given away, and whoever heard before does not (SEC-8). It must be quick, and not throw. */
  heard(onReveal: () => void): Secret { return new Secret(this.#value, onReveal) }
  /** Compares in constant time, whatever the lengths. Nothing is given away by it. */
  equals(other: string | Secret): boolean { return timingSafeEqual(digest(this.#value), digest(typeof other === 'string' ? other : other.#value)) }
  toString(): string { return SHOWN }
  toJSON(): string { return SHOWN }
  [Symbol.toPrimitive](): string { return SHOWN }
  [inspect.custom](): string { return SHOWN }
}

/** Whether both are the same value, or both are none. */
export const isSameSecret = (one: Secret | null, other: Secret | null): boolean => (one === null || other === null ? one === other : one.equals(other))

const digest = (value: string) => createHash('sha256').update(value).digest()
