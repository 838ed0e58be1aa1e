import { createHash, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'

const SHOWN = '[secret]'

/**
 * A value that must not be seen (SEC-2). String conversion, JSON, inspection and logging show `[secret]`;
 * only `reveal()` gives the value, and it is called where the value is used and nowhere else.
 */
export class Secret {
  readonly #value: string
  constructor(value: string) { this.#value = value }
  reveal(): string { return this.#value }
  /** Compares in constant time, whatever the lengths. */
  equals(other: string): boolean { return timingSafeEqual(digest(this.#value), digest(other)) }
  toString(): string { return SHOWN }
  toJSON(): string { return SHOWN }
  [Symbol.toPrimitive](): string { return SHOWN }
  [inspect.custom](): string { return SHOWN }
}

const digest = (value: string) => createHash('sha256').update(value).digest()
