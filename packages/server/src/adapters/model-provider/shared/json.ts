import { ProviderFailure } from '../../../ports/model-provider.ts'

/**
 * Light checks for what vendors send: one `JSON.parse` and a look at each field that is used, since a schema per streamed chunk would
 * cost more than the rest of the way. What is missing or null is absent; what has the wrong type makes the answer invalid.
 */
export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

export const invalidAnswer = (what: string) => new ProviderFailure('invalid-answer', `The vendor's answer is not as documented: ${what}.`)

/** Throws without the text: the parser's own error quotes it. */
export function parseJson(text: string): unknown {
  try { return JSON.parse(text) }
  catch { throw invalidAnswer('not JSON') }
}

export function parseObject(text: string): JsonObject {
  const value = parseJson(text)
  if (!isObject(value)) throw invalidAnswer('not an object')
  return value
}

/** Null when absent. */
export function objectAt(parent: JsonObject, name: string): JsonObject | null {
  const value = parent[name]
  if (value === undefined || value === null) return null
  if (!isObject(value)) throw invalidAnswer(`${name} is not an object`)
  return value
}

/** Empty when absent. */
export function textAt(parent: JsonObject, name: string): string {
  const value = parent[name]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw invalidAnswer(`${name} is not text`)
  return value
}

/** Empty when absent. A list of something other than objects, or longer than `limit`, makes the answer invalid. */
export function objectsAt(parent: JsonObject, name: string, limit: number): readonly JsonObject[] {
  const value = parent[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.length > limit || !value.every(isObject)) throw invalidAnswer(`${name} is not a list of at most ${limit} objects`)
  return value
}

/** A count: a whole number from 0. Null when absent, and when it is anything else: a wrong count spoils no answer. */
export function countAt(parent: JsonObject | null, name: string): number | null {
  const value = parent?.[name]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}
