/** The layers of the house, by where a file lies. */
export type Layer =
  | 'contract' | 'guard' | 'web' | 'cli'
  | 'main' | 'compose' | 'edge' | 'turn' | 'domains' | 'policy' | 'kernel' | 'ports' | 'adapters' | 'database' | 'config' | 'ops'
  | 'testing' | 'tools'

interface LayerRule {
  /** The layers that it may import besides itself. */
  readonly mayImport: readonly Layer[]
  /** Said when it imports another. */
  readonly reason: string
}

const everythingBelowEdge = ['turn', 'domains', 'policy', 'kernel', 'contract', 'ports'] as const

/** Who may import whom: every arrow that is not here is refused. */
export const layers: Readonly<Record<Layer, LayerRule>> = {
  contract: { mayImport: [], reason: 'the contract is what crosses the wire, and both sides of the wire stand on it' },
  guard: { mayImport: [], reason: 'the guard is a pure library: text in, findings out' },
  kernel: { mayImport: ['contract', 'ports'], reason: 'the kernel lies under everything in the server, so it knows nothing of what is above' },
  ports: { mayImport: ['contract', 'kernel'], reason: 'a port is an interface: what stands behind it must stay replaceable' },
  policy: { mayImport: ['kernel', 'contract', 'guard'], reason: 'policy is tables of rules: it must be readable without the code that obeys it' },
  database: { mayImport: ['kernel', 'contract'], reason: 'the database carries rows and knows no rule of a domain' },
  domains: { mayImport: ['policy', 'kernel', 'contract', 'ports', 'database'], reason: 'a domain knows its rules and its rows; how it is reached and what is plugged in is decided above it' },
  turn: { mayImport: ['domains', 'policy', 'kernel', 'contract', 'ports', 'guard', 'database'], reason: 'the turn is one line over domains and ports, whose rows it commits as one batch; HTTP and adapters are not its matter' },
  edge: { mayImport: everythingBelowEdge, reason: 'the edge turns bytes into typed calls and picks nothing' },
  adapters: { mayImport: ['ports', 'kernel', 'contract'], reason: 'an adapter sees its port alone, so that it can be deleted safely' },
  config: { mayImport: ['policy', 'kernel', 'contract'], reason: 'the configuration is read before anything that it configures' },
  compose: { mayImport: [...everythingBelowEdge, 'edge', 'adapters', 'config', 'database', 'guard'], reason: 'compose puts the server together; what starts it stands above' },
  ops: { mayImport: [...everythingBelowEdge, 'compose', 'edge', 'config', 'database'], reason: 'ops is the door for the command line; only compose picks adapters' },
  main: { mayImport: ['compose', 'config', 'kernel', 'contract'], reason: 'main loads, composes, listens and drains; all else is done below' },
  web: { mayImport: ['contract'], reason: 'the page knows the wire and nothing of the server' },
  cli: { mayImport: ['contract', 'ops'], reason: 'the command line talks through the contract, or through the door server/ops' },
  testing: { mayImport: [...everythingBelowEdge, 'edge', 'adapters', 'config', 'compose', 'database', 'guard', 'ops'], reason: 'what helps tests stands beside the server and not above it' },
  tools: { mayImport: ['contract', 'guard', 'ops', 'testing', 'policy', 'kernel'], reason: 'tools look at the product from outside' },
}

const serverFolders: readonly Layer[] = ['compose', 'edge', 'turn', 'domains', 'policy', 'kernel', 'ports', 'adapters', 'database', 'config', 'ops', 'testing']

/** The layer of a file; undefined when it lies where nothing may lie. */
export function layerOf(path: string): Layer | undefined {
  const [top = '', name = '', source = '', folder = ''] = path.split('/')
  if (top === 'tools' || top === 'bench' || top === 'e2e') return 'tools'
  if (top !== 'packages') return undefined
  if (name === 'contract' || name === 'guard' || name === 'web' || name === 'cli') return name
  if (name !== 'server') return undefined
  if (source === 'test') return 'testing'
  if (source !== 'src') return undefined
  if (folder === 'main.ts') return 'main'
  if (folder === 'index.ts') return 'ops'
  return serverFolders.find((layer) => layer === folder)
}
