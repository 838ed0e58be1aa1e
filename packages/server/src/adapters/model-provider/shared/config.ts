import * as z from 'zod'
import { Secret } from '../../../kernel/secret.ts'

/** Where a vendor listens. No credential, query or fragment in it; a trailing slash makes no difference. */
export const baseUrl = z.url({ protocol: /^https?$/ }).max(2_048).transform((text) => new URL(text))
  .refine(({ username, password, search, hash }) => `${username}${password}${search}${hash}` === '', 'Give an address without a credential, query or fragment.')
  .describe('Base address')

/** A key that a header can carry. */
export const credential = z.instanceof(Secret).refine((secret) => /^[\x21-\x7e]{1,4096}$/.test(secret.reveal()), 'Give a key of visible ASCII characters without spaces.')
  .describe('API key')

/** The URL of a path below the base address. `path` begins with a slash; nothing in it comes from a user unescaped. */
export function urlBelow(base: URL, path: string): URL {
  return new URL(base.origin + base.pathname.replace(/(?<!\/)\/+$/, '') + path)
}
