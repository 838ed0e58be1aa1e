import { Secret } from '../../kernel/secret.ts'
import type { UseMeter } from './meter.ts'

/** The same settings with every secret among them watched, under its path and for the area that it belongs to. */
export function watchSettings<Settings>(settings: Settings, meter: Pick<UseMeter, 'watch'>): Settings {
  const watched = (value: unknown, path: readonly string[]): unknown => {
    if (value instanceof Secret) return meter.watch(value, { kind: 'setting', name: path.join('.') }, path[0] ?? '')
    if (Array.isArray(value)) return value.map((each, index) => watched(each, [...path, String(index)]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, watched(each, [...path, name])]))
  }
  // Every value is what it was, or the same secret with somebody who listens.
  return watched(settings, []) as Settings
}
