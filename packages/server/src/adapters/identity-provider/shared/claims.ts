import * as z from 'zod'

const GROUPS_READ = 1_000
const TEXT_LENGTH = 500

/** One set of claims as it came: an ID token's, or an answer of the user-info endpoint. */
export type Claims = Readonly<Record<string, unknown>>
export const Claims = z.record(z.string(), z.unknown())

/** The value at `a.b`: first as a claim of that very name, then as a member of a member. Inherited members are none. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return value
}

/** A short text; null for anything else. */
export const textAt = (claims: Claims, path: string | undefined): string | null => {
  const value = path === undefined ? undefined : claimAt(claims, path)
  return typeof value === 'string' && value.trim() !== '' && value.length <= TEXT_LENGTH ? value.trim() : null
}

/** A list of texts, or a single one. What is no text is left out. */
export const textsAt = (claims: Claims, path: string | null): readonly string[] => {
  const value = path === null ? undefined : claimAt(claims, path)
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.slice(0, GROUPS_READ).filter((item) => typeof item === 'string').filter((item) => item !== '' && item.length <= TEXT_LENGTH)
}
