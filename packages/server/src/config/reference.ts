import * as z from 'zod'
import { presets } from '../policy/presets.ts'
import { aliases } from './aliases.ts'
import { valueAt, variableOf } from './paths.ts'
import { ConfigSchema } from './schema.ts'

/** A setting as the reference shows it. */
export interface SettingEntry {
  /** Such as `http.port`; NAME stands for a name of one's own. */
  readonly setting: string
  /** Null where it can be set in the file alone. */
  readonly variable: string | null
  /** As the environment takes it; null where there is none. */
  readonly default: string | null
  /** Defaults of presets that differ. */
  readonly presets: Readonly<Record<string, string>>
  readonly range: string
  readonly effect: string
}
/** A usual name of others: the setting that it sets, or null. */
export interface AliasEntry { readonly variable: string; readonly setting: string | null; readonly effect: string }

/** What is used here of a JSON Schema. `range` is what the schema of the configuration says itself where its form says too little. */
const Node = z.looseObject({
  type: z.string().optional(), enum: z.array(z.string()).optional(), format: z.string().optional(), range: z.string().optional(), description: z.string().optional(), default: z.unknown().optional(),
  minimum: z.number().optional(), maximum: z.number().optional(), maxLength: z.number().optional(), oneOf: z.array(z.unknown()).optional(),
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof Node>> { return z.record(z.string(), Node).optional() },
  get items(): z.ZodOptional<typeof Node> { return Node.optional() },
  get additionalProperties(): z.ZodOptional<z.ZodUnion<readonly [z.ZodBoolean, typeof Node]>> { return z.union([z.boolean(), Node]).optional() },
})
type Node = z.output<typeof Node>

/** Every setting that there is, in the order of the schema, out of the schema itself. Throws where one says nothing of its effect. */
export function describeSettings(): readonly SettingEntry[] {
  const root = Node.parse(z.toJSONSchema(ConfigSchema, { io: 'output', unrepresentable: 'any' }))
  return Object.entries(root.properties ?? {}).flatMap(([area, node]) => {
    const named = typeof node.additionalProperties === 'object' ? node.additionalProperties : null
    if (named?.properties !== undefined) return Object.entries(named.properties).map(([key, inner]) => entryOf([area, 'NAME', key], inner))
    return node.properties === undefined ? [entryOf([area], node)] : Object.entries(node.properties).map(([key, inner]) => entryOf([area, key], inner))
  })
}

/** Every usual name of others that is known, in the order in which they are read. */
export const describeAliases = (): readonly AliasEntry[] => aliases.map((alias) => ({ variable: alias.variable, setting: settingOf(alias), effect: alias.effect }))

function settingOf(alias: (typeof aliases)[number]): string | null {
  switch (alias.kind) {
    case 'setting': return alias.path.join('.')
    case 'provider': return `providers.${alias.name}`
    case 'models': return `providers.${alias.name}.models`
    case 'debug': return 'log.level'
    case 'keys': case 'idle': return null
  }
}

function entryOf(path: readonly string[], node: Node): SettingEntry {
  const setting = path.join('.')
  if (node.description === undefined) throw new Error(`${setting} says nothing of its effect: give it a description in the schema.`)
  const differing = Object.entries(presets).flatMap(([name, values]) => {
    const value = asText(valueAt(values, path))
    return value === null || value === asText(node.default) ? [] : [[name, value] as const]
  })
  return { setting, variable: path.includes('NAME') ? null : variableOf(path), default: asText(node.default), presets: Object.fromEntries(differing), range: rangeOf(node), effect: node.description }
}

function asText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const between = ({ minimum, maximum }: Node) => `${minimum ?? ''} to ${maximum ?? ''}`
const ranges: Readonly<Record<string, (node: Node) => string>> = { integer: between, number: between, boolean: () => '`true` or `false`', array: () => 'a list', object: () => 'a table; JSON in the environment' }

function rangeOf(node: Node): string {
  if (node.enum !== undefined) return orList(node.enum)
  if (node.type === 'array' && node.items?.enum !== undefined) return `a list of ${orList(node.items.enum)}`
  if (node.range !== undefined) return node.range
  if (node.type !== undefined && node.type !== 'string') return ranges[node.type]?.(node) ?? 'JSON'
  return node.oneOf !== undefined ? 'a table' : node.format === 'uri' ? 'an address, `http://…` or `https://…`' : node.format === 'email' ? 'an e-mail address' : node.maxLength === undefined ? 'a text' : `a text of ${node.maxLength} characters at most`
}

const orList = (items: readonly string[]): string => new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(items.map((item) => `\`${item}\``))
