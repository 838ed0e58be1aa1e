import { aliases, isOn, type Alias, type DebugAlias, type IdleAlias, type ModelsAlias, type ProviderAlias, type SettingAlias } from './aliases.ts'
import { setAt, valueAt, variableOf } from './paths.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What became of an alias that stands in the environment. No value of it is kept. */
export interface AliasUse {
  readonly variable: string
  readonly outcome: 'taken' | 'overruled' | 'idle'
  /** The setting that it sets, or would set; null where it has none. */
  readonly setting: string | null
  /** Empty where it was taken: then there is nothing to tell. */
  readonly found: string
  readonly mend: string
  readonly isGrave: boolean
}

interface Taking {
  /** What is given by its own name: the file, the environment and flags. Aliases are put beneath it. */
  readonly merged: Record<string, unknown>
  readonly environment: Environment
  readonly problems: string[]
  readonly uses: AliasUse[]
}

/** Puts what aliases say where nothing is given by its own name (SEC-13). What two of them say differently is a problem; what is overruled or has no effect is told. */
export function takeAliases(merged: Record<string, unknown>, environment: Environment, problems: string[]): readonly AliasUse[] {
  const taking: Taking = { merged, environment, problems, uses: [] }
  for (const alias of aliases) {
    const text = environment[alias.variable]?.trim() ?? ''
    if (text !== '') take(alias, text, taking)
  }
  return taking.uses
}

function take(alias: Alias, text: string, taking: Taking): void {
  switch (alias.kind) {
    case 'setting': { takeSetting(alias, text, taking); break }
    case 'provider': { takeProvider(alias, taking); break }
    case 'models': { takeModels(alias, text, taking); break }
    case 'debug': { takeDebug(alias, text, taking); break }
    case 'idle': { tellIdle(alias, text, taking); break }
    case 'keys': break
  }
}

const taken = ({ variable }: Alias, setting: string): AliasUse => ({ variable, outcome: 'taken', setting, found: '', mend: '', isGrave: false })
const overruled = ({ variable }: Alias, setting: string, by: string): AliasUse =>
  ({ variable, outcome: 'overruled', setting, found: `${variable} says something else than ${by}, which wins.`, mend: `Take ${variable} out, or make both the same.`, isGrave: false })

function takeSetting(alias: SettingAlias, text: string, { merged, problems, uses }: Taking): void {
  const value = alias.read === undefined ? text : alias.read(text)
  if (value === null) return
  const setting = alias.path.join('.')
  openTable(merged, alias.path)
  const given = valueAt(merged, alias.path)
  const before = uses.find((use) => use.setting === setting && use.outcome === 'taken')
  if (given === undefined) {
    setAt(merged, alias.path, value)
    uses.push(taken(alias, setting))
  } else if (JSON.stringify(given) === JSON.stringify(value) || JSON.stringify(given) === value) uses.push(taken(alias, setting))
  else if (before === undefined) uses.push(overruled(alias, setting, setting))
  else problems.push(`${alias.variable}: ${before.variable} says something else of ${setting}. Take one of them out, or set ${variableOf(alias.path)}.`)
}

/** A table that is written as JSON in the environment is opened, so that a row can be put beneath those that it has. What is no JSON is left to the schema. */
function openTable(merged: Record<string, unknown>, path: readonly string[]): void {
  const table = path.slice(0, 2)
  const given = path.length > 2 ? valueAt(merged, table) : undefined
  if (typeof given !== 'string') return
  try { setAt(merged, table, JSON.parse(given)) } catch { /* The schema says so. */ }
}

function takeProvider(alias: ProviderAlias, { merged, uses }: Taking): void {
  const path = ['providers', alias.name]
  const reference = `env:${alias.variable}`
  if (valueAt(merged, path) === undefined) {
    setAt(merged, path, { adapter: alias.adapter, credential: reference })
    uses.push(taken(alias, path.join('.')))
  // A key is not put into an entry that has none: its address may be another's.
  } else if (valueAt(merged, [...path, 'credential']) === reference) uses.push(taken(alias, path.join('.')))
  else uses.push(overruled(alias, path.join('.'), path.join('.')))
}

function takeModels(alias: ModelsAlias, text: string, { merged, uses }: Taking): void {
  const path = ['providers', alias.name, 'models']
  const models = text.split(',').map((item) => item.trim()).filter((item) => item !== '')
  const given = valueAt(merged, path)
  if (valueAt(merged, path.slice(0, 2)) === undefined) {
    uses.push({ variable: alias.variable, outcome: 'idle', setting: path.join('.'), found: `${alias.variable} has no effect: there is no key for ${alias.name}.`, mend: `Set the key too, or take ${alias.variable} out.`, isGrave: false })
  } else if (given === undefined) {
    setAt(merged, path, models)
    uses.push(taken(alias, path.join('.')))
  } else uses.push(JSON.stringify(given) === JSON.stringify(models) ? taken(alias, path.join('.')) : overruled(alias, path.join('.'), path.join('.')))
}

function takeDebug(alias: DebugAlias, text: string, { merged, problems, uses }: Taking): void {
  if (!isOn(text)) return
  const environment = valueAt(merged, ['environment']) ?? 'production'
  if (environment === 'production') problems.push(`${alias.variable}: debug mode tells more than a production server may. Take it out, or set environment to development.`)
  const given = valueAt(merged, ['log', 'level'])
  if (given === undefined) setAt(merged, ['log', 'level'], 'debug')
  uses.push(given === undefined || given === 'debug' ? taken(alias, 'log.level') : overruled(alias, 'log.level', uses.find(({ setting, outcome }) => setting === 'log.level' && outcome === 'taken')?.variable ?? 'log.level'))
}

function tellIdle({ variable, asks, why, mend, isGrave }: IdleAlias, text: string, { uses }: Taking): void {
  if (asks !== undefined && !asks(text)) return
  uses.push({ variable, outcome: 'idle', setting: null, found: `${variable} has no effect. ${why}`, mend, isGrave: isGrave?.(text) ?? false })
}
