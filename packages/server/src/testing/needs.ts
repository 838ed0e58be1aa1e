import { describe, inject, test } from 'vitest'

/** What a test may need that a machine may lack. */
export type Need = 'postgres' | 'redis'
/** Where it is, or why it is not there. */
export type Found = { readonly url: string } | { readonly reason: string }

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgres: Found
    readonly redis: Found
    /** What `SALLYPORT_TEST_REQUIRE` lists. */
    readonly required: readonly string[]
  }
}

/**
 * A `describe` for tests that need a service. Where it is absent they are skipped, and the name says why; where the run
 * requires it, they fail instead.
 */
export function describeWith(need: Need, name: string, body: () => void): void {
  const found = inject(need)
  if ('url' in found) describe(name, body)
  else if (inject('required').includes(need)) describe(name, () => { test(`needs ${need}`, () => { throw new Error(found.reason) }) })
  else describe.skip(`${name} (${found.reason})`, body)
}
