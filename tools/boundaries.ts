import { builtinModules } from 'node:module'
import type { Import } from './imports.ts'
import { layerOf, layers } from './layers.ts'
import { isTestCode, type Finding } from './source.ts'

interface Rule {
  readonly id: string
  /** One line: why this is refused. It is printed with every offence. */
  readonly reason: string
  readonly refuses: (entry: Import) => boolean
}

const SERVER = 'packages/server/src/'
const MODEL_PACKAGES = /^(?:ai|openai|ollama|ai-sdk-.*|@ai-sdk\/.*|@openrouter\/.*|@anthropic-ai\/.*|@google\/gen.*)$/
const TEST_PACKAGES = new Set(['vitest', 'fast-check', 'playwright-core', '@axe-core/playwright', 'oidc-provider'])
/** Libraries that take text and give values, and touch nothing else. */
const PURE_TEXT_LIBRARIES = new Set(['libphonenumber-js'])
const DATABASE_DRIVERS = new Set(['pg', 'better-sqlite3-multiple-ciphers', 'node:sqlite'])
const NETWORK_MODULES = new Set(['undici', 'node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram'])
const MAY_OPEN_CONNECTIONS = ['kernel', 'edge', 'compose', 'main', 'ops']
/** The passage index is a store that is plugged in: its rows are committed with those that they index. */
const MAY_WRITE_SQL = /^packages\/server\/src\/(?:domains\/[^/]+\/(?:(?:[a-z]+-)*store|tables)|ports\/(?:passage|message)-index|adapters\/(?:passage|message)-index\/.+)\.ts$/
const MAY_OPEN_A_SCOPE = /^packages\/server\/src\/(?:edge\/|domains\/(?:accounts\/set-up|accounts\/service|sessions\/service|break-glass\/service|federation\/sign-in)\.ts$)/

const isProduction = ({ from }: Import) => !isTestCode(from) && layerOf(from) !== 'tools'
const isIn = (path: string | undefined, layer: string) => path?.startsWith(`${SERVER}${layer}/`) === true
const packageOf = (path: string) => path.split('/')[1]
const isNode = (external: string) => external.startsWith('node:') || builtinModules.includes(external)
/** `adapters/key-vault/keyring/index.ts` → `keyring`; undefined for the registry `adapters/key-vault/index.ts`. */
const adapterOf = (path: string) => /^packages\/server\/src\/adapters\/([^/]+\/[^/]+)\//.exec(path)?.[1]
const domainOf = (path: string) => /^packages\/server\/src\/domains\/([^/]+)\//.exec(path)?.[1]

/** The first that refuses an import speaks. */
export const rules: readonly Rule[] = [
  {
    id: 'nothing-imports-the-ends',
    reason: 'nothing imports cli or web: they are where the product ends',
    refuses: ({ from, file }) => file !== undefined && /^packages\/(?:cli|web)\//.test(file) && packageOf(file) !== packageOf(from) && isProductOrTest(from),
  },
  {
    id: 'packages-by-name',
    reason: 'a package is entered by its name, so that its exports say what others may use',
    refuses: (entry) => isProduction(entry) && entry.specifier.startsWith('.') && entry.file !== undefined && packageOf(entry.file) !== packageOf(entry.from),
  },
  {
    id: 'no-test-code-in-production',
    reason: 'no test code in production: nothing in src knows that it is being tested',
    refuses: (entry) => isProduction(entry) && ((entry.file !== undefined && isTestCode(entry.file)) || (entry.external !== undefined && TEST_PACKAGES.has(entry.external))),
  },
  {
    id: 'no-model-packages',
    reason: 'models are reached through our own wire adapters; a vendor\'s package is an oracle in tests, and a bare model id in `ai` goes to a hosted gateway',
    refuses: (entry) => isProduction(entry) && entry.external !== undefined && MODEL_PACKAGES.test(entry.external),
  },
  {
    id: 'guard-is-pure',
    reason: 'the guard is pure: the same text gives the same findings, wherever and whenever it runs',
    refuses: (entry) => isProduction(entry) && layerOf(entry.from) === 'guard' && entry.external !== undefined && !PURE_TEXT_LIBRARIES.has(entry.external),
  },
  {
    id: 'contract-needs-zod-alone',
    reason: 'the contract runs in the browser and in the server, so it needs zod alone',
    refuses: (entry) => isProduction(entry) && layerOf(entry.from) === 'contract' && entry.external !== undefined && entry.external !== 'zod',
  },
  {
    id: 'page-knows-no-node',
    reason: 'the page runs in a browser',
    refuses: (entry) => isProduction(entry) && entry.from.startsWith('packages/web/src/') && entry.external !== undefined && isNode(entry.external),
  },
  {
    id: 'ports-are-interfaces',
    reason: 'ports are interfaces: a port imports types, and no package comes with it',
    refuses: (entry) => isProduction(entry) && isIn(entry.from, 'ports') && !entry.isType,
  },
  {
    id: 'adapters-stand-alone',
    reason: 'adapters never see each other: what two of one port share lies in its shared/',
    refuses: (entry) => isProduction(entry) && isIn(entry.from, 'adapters') && isIn(entry.file, 'adapters') && !mayUseAdapter(entry.from, entry.file ?? ''),
  },
  {
    id: 'compose-picks-adapters',
    reason: 'only compose picks adapters: elsewhere a port is enough',
    refuses: (entry) => isProduction(entry) && isIn(entry.file, 'adapters') && !isIn(entry.from, 'adapters') && !isIn(entry.from, 'compose'),
  },
  {
    id: 'configuration-is-passed-down',
    reason: 'the configuration is read once and passed down: only main, compose and ops see it',
    refuses: (entry) => isProduction(entry) && isIn(entry.file, 'config') && !isIn(entry.from, 'config') && !['main', 'compose', 'ops'].includes(layerOf(entry.from) ?? ''),
  },
  {
    id: 'stages-mark-turns',
    reason: 'only turn/stages may mark a turn as passed: elsewhere the mark would be a claim without a check',
    refuses: (entry) => isProduction(entry) && entry.file === `${SERVER}turn/passed.ts` && !isIn(entry.from, 'turn/stages'),
  },
  {
    id: 'scopes-are-identified',
    reason: 'a scope is opened where a credential was just checked, and nowhere else',
    refuses: (entry) => isProduction(entry) && isIn(entry.file, 'kernel') && entry.names.includes('openScope') && !MAY_OPEN_A_SCOPE.test(entry.from),
  },
  {
    id: 'domains-do-not-know-http',
    reason: 'domains do not know HTTP: fastify lives in the edge, and compose starts it',
    refuses: (entry) => isProduction(entry) && entry.external !== undefined && /^(?:fastify|fastify-.*|@fastify\/.*)$/.test(entry.external) && !['edge', 'compose'].includes(layerOf(entry.from) ?? ''),
  },
  {
    id: 'one-egress',
    reason: 'what goes out goes through kernel/egress, which checks where it goes',
    refuses: (entry) => isProduction(entry) && entry.from.startsWith(SERVER) && entry.external !== undefined && NETWORK_MODULES.has(entry.external)
      && !(entry.external === 'undici' ? entry.from.startsWith(`${SERVER}kernel/egress`) : MAY_OPEN_CONNECTIONS.includes(layerOf(entry.from) ?? '')),
  },
  {
    id: 'sql-stays-in-stores',
    reason: 'SQL stays in stores: kysely is for store.ts, tables.ts and the database',
    refuses: (entry) => isProduction(entry) && entry.external === 'kysely' && !isIn(entry.from, 'database') && !MAY_WRITE_SQL.test(entry.from),
  },
  {
    id: 'drivers-stay-in-the-database',
    reason: 'a database is opened in one place, where its encryption and its syncing are set',
    refuses: (entry) => isProduction(entry) && entry.external !== undefined && DATABASE_DRIVERS.has(entry.external) && !isIn(entry.from, 'database'),
  },
  {
    id: 'domains-by-their-index',
    reason: 'a domain is entered by its index: what it does not export there is its own',
    refuses: (entry) => {
      const domain = entry.file === undefined ? undefined : domainOf(entry.file)
      if (!isProduction(entry) || domain === undefined || domain === domainOf(entry.from)) return false
      return !(entry.file ?? '').endsWith(`/${domain}/index.ts`) && !isTableForSchema(entry)
    },
  },
  {
    id: 'imports-are-literal',
    reason: 'an import that is computed cannot be checked',
    refuses: (entry) => isProduction(entry) && entry.specifier === '(computed)',
  },
]

const isProductOrTest = (from: string) => from.startsWith('packages/')
/** The schema of the database is the list of the domains' tables. */
const isTableForSchema = ({ from, file }: Import) => from === `${SERVER}database/schema.ts` && file?.endsWith('/tables.ts') === true

function mayUseAdapter(from: string, to: string): boolean {
  const own = adapterOf(from)
  const other = adapterOf(to)
  if (own === undefined) return from.split('/')[4] === to.split('/')[4]
  return other !== undefined && (own === other || other === `${own.split('/')[0] ?? ''}/shared`)
}

/** The arrow itself, where no rule of its own has spoken. */
function arrowOffence(entry: Import): string | undefined {
  if (entry.file === undefined || !isProduction(entry)) return undefined
  const from = layerOf(entry.from)
  const to = layerOf(entry.file)
  if (from === undefined) return `lies in no layer of the house: ${entry.from}`
  if (to === undefined) return `imports ${entry.file}, which lies in no layer of the house`
  if (from === to || layers[from].mayImport.includes(to) || isTableForSchema(entry)) return undefined
  return `${from} may not import ${to}: ${layers[from].reason}`
}

/** Every import that the house refuses, with its one-line reason. */
export function findBoundaryOffences(imports: readonly Import[]): readonly Finding[] {
  return imports.flatMap((entry): readonly Finding[] => {
    const rule = rules.find(({ refuses }) => refuses(entry))
    const message = rule === undefined ? arrowOffence(entry) : `${entry.specifier} is refused (${rule.id}): ${rule.reason}`
    return message === undefined ? [] : [{ path: entry.from, line: entry.line, message }]
  })
}

/** Every circle of imports, once, by the path that closes it. Types count: a circle of types ties two files together as well. */
export function findCycles(imports: readonly Import[]): readonly Finding[] {
  const next = new Map<string, readonly Import[]>()
  for (const [from, entries] of Map.groupBy(imports, (entry) => entry.from)) next.set(from, entries.filter(({ file }) => file !== undefined && file !== from))
  const done = new Set<string>()
  const findings: Finding[] = []
  const walk = (path: string, above: readonly string[]) => {
    if (done.has(path)) return
    for (const { file = '', line } of next.get(path) ?? []) {
      const start = [...above, path].indexOf(file)
      if (start === -1) walk(file, [...above, path])
      else findings.push({ path, line, message: `closes a circle of imports: ${[...above, path].slice(start).concat(file).join(' → ')}` })
    }
    done.add(path)
  }
  for (const path of next.keys()) walk(path, [])
  return findings
}
