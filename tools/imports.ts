import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { Visitor } from 'oxc-parser'
import * as z from 'zod'
import { lineAt, type Source } from './source.ts'

/** One way in which a file depends on another: import, re-export, dynamic import, import type, or a worker's file. */
export interface Import {
  readonly from: string
  readonly line: number
  readonly specifier: string
  /** The imported names; empty for a whole module. */
  readonly names: readonly string[]
  /** True when nothing is left of it at run time. */
  readonly isType: boolean
  /** The file, from the root, when it is one of ours. */
  readonly file: string | undefined
  /** The package or `node:` module, when it is not. */
  readonly external: string | undefined
}

interface Found { readonly specifier: string; readonly start: number; readonly names: readonly string[]; readonly isType: boolean }

function declared({ parsed: { module } }: Source): readonly Found[] {
  const imports = module.staticImports.map(({ moduleRequest, entries, start }): Found => ({
    specifier: moduleRequest.value, start,
    names: entries.flatMap(({ importName }) => importName.name ?? []),
    isType: entries.length > 0 && entries.every((entry) => entry.isType),
  }))
  const exports = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest, importName, isType, start }): Found[] =>
    moduleRequest === null ? [] : [{ specifier: moduleRequest.value, start, names: importName.name === null ? [] : [importName.name], isType }]))
  return [...imports, ...exports]
}

/** Those that stand in expressions and types. A dynamic import of anything but a literal has the specifier `(computed)`. */
function hidden({ parsed: { program } }: Source): readonly Found[] {
  const found: Found[] = []
  const add = (node: { readonly type: string; readonly start: number; readonly value?: unknown }, isType: boolean) => {
    found.push({ specifier: node.type === 'Literal' && typeof node.value === 'string' ? node.value : '(computed)', start: node.start, names: [], isType })
  }
  new Visitor({
    ImportExpression: ({ source }) => { add(source, false) },
    TSImportType: ({ source }) => { add(source, true) },
    NewExpression: ({ callee, arguments: [place, base] }) => {
      if (callee.type !== 'Identifier' || callee.name !== 'URL' || base?.type !== 'MemberExpression' || base.object.type !== 'MetaProperty') return
      if (place?.type === 'Literal' && typeof place.value === 'string' && /\.tsx?$/.test(place.value)) add(place, false)
    },
  }).visit(program)
  return found
}

const packageSchema = z.looseObject({ name: z.string(), exports: z.record(z.string(), z.string()).optional() })

/** Our own packages by what their `exports` let in: `@sallyport/contract` → `packages/contract/src/index.ts`. */
function readEntrances(root: string): ReadonlyMap<string, string> {
  const entrances = new Map<string, string>()
  for (const directory of ['contract', 'guard', 'server', 'web', 'cli']) {
    const file = join(root, 'packages', directory, 'package.json')
    if (!existsSync(file)) continue
    const { name, exports = {} } = packageSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    for (const [entrance, place] of Object.entries(exports)) entrances.set(join(name, entrance), `packages/${directory}/${place.slice(2)}`)
  }
  return entrances
}

const toPackage = (specifier: string) => (specifier.startsWith('node:') ? specifier : specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'))

function resolve(entrances: ReadonlyMap<string, string>, from: string, specifier: string): Pick<Import, 'file' | 'external'> {
  if (specifier.startsWith('.')) return { file: normalize(join(dirname(from), specifier)).split(sep).join('/'), external: undefined }
  const [scope, name = ''] = specifier.split('/')
  // What a package's exports do not let in lies in no layer, and is refused as such.
  if (scope === '@sallyport') return { file: entrances.get(specifier) ?? `packages/${name}/(not exported)`, external: undefined }
  return { file: undefined, external: toPackage(specifier) }
}

/** Everything that the sources import, in order. */
export function readImports(root: string, sources: readonly Source[]): readonly Import[] {
  const entrances = readEntrances(root)
  return sources.flatMap((source) => [...declared(source), ...hidden(source)].map(({ specifier, start, names, isType }): Import => ({
    from: source.path, line: lineAt(source.text, start), specifier, names, isType, ...resolve(entrances, source.path, specifier),
  })))
}
