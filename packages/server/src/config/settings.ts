import { existsSync, readFileSync } from 'node:fs'
import * as z from 'zod'
import { presetNamed } from '../policy/presets.ts'
import { configFileOf, type Config, type Flags, type FullEnvironment } from './load.ts'
import { settingPaths, valueAt, variableOf } from './paths.ts'

export type Origin = 'default' | 'preset' | 'file' | '.env' | 'environment' | 'flag'
export interface EffectiveSetting { readonly setting: string; /** JSON, and `[secret]` where a secret was read. */ readonly value: string; readonly from: Origin }

/** Every single setting with the value that holds, and where that came from. */
export function effectiveSettings(config: Config, { environment, fileNames }: FullEnvironment, flags: Flags = {}): readonly EffectiveSetting[] {
  const file = readFile(configFileOf(environment))
  const preset: Readonly<Record<string, object>> = presetNamed(config.preset) ?? {}
  return settingPaths().map((path) => {
    const setting = path.join('.')
    const [area = '', key] = path
    const aliased = config.aliasUses.filter((use) => use.outcome === 'taken' && (use.setting === setting || use.setting?.startsWith(`${setting}.`) === true)).map(({ variable }) => variable)
    const names = [variableOf(path), ...(has(file, area, key) ? [] : aliased)].filter((name) => (environment[name] ?? '') !== '')
    const from: Origin = setting in flags ? 'flag'
      : names.length > 0 ? (names.every((name) => fileNames.has(name)) ? '.env' : 'environment')
        : has(file, area, key) ? 'file' : has(preset, area, key) ? 'preset' : 'default'
    return { setting, value: shown(valueAt(config, path)), from }
  })
}

const Area = z.record(z.string(), z.unknown())
function readFile(path: string): Readonly<Record<string, unknown>> {
  if (!existsSync(path)) return {}
  return Area.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? {}
}

function has(target: Readonly<Record<string, unknown>>, area: string, key: string | undefined): boolean {
  if (key === undefined) return area in target
  const inner = Area.safeParse(target[area])
  return inner.success && key in inner.data
}

/** An address may hold a password between its scheme and its host. */
const shown = (value: unknown): string => (value === undefined || value === null ? 'none' : JSON.stringify(value).replaceAll(/:\/\/[^@/"]*@/g, '://[secret]@'))
