import * as z from 'zod'
import { ConfigSchema } from './schema.ts'

const Area = z.record(z.string(), z.unknown())

/** The paths of all single settings, such as `['http', 'port']`. */
export function settingPaths(): readonly (readonly string[])[] {
  return Object.entries(ConfigSchema.shape).flatMap(([area, schema]) => {
    if (area === 'providers' || area === 'identityProviders') return []
    const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : null
    return inner instanceof z.ZodObject ? Object.keys(inner.shape).map((key) => [area, key]) : [[area]]
  })
}

/** The variable of a setting: `http.port` is `SALLYPORT_HTTP_PORT`. */
export const variableOf = (path: readonly string[]): string => `SALLYPORT_${path.map(toUpperSnake).join('_')}`
const toUpperSnake = (word: string) => word.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** Puts a value at a path, over whatever is there or on the way. */
export function setAt(target: Record<string, unknown>, [head, ...rest]: readonly string[], value: unknown): void {
  if (head === undefined) return
  if (rest.length === 0) { target[head] = value; return }
  const inner = Area.safeParse(target[head])
  const next = inner.success ? inner.data : {}
  target[head] = next
  setAt(next, rest, value)
}

/** What stands at a path; undefined where nothing does. */
export const valueAt = (target: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined), target)
