import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawn, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { lintSource } from '@secretlint/core'
import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import { lineAt, type Finding } from './source.ts'

interface Text { readonly path: string; readonly content: string }

interface Allowance { readonly place: string; readonly rule: string; readonly reason: string }

/** Where something that looks like a secret may stand: a file, or a folder that ends in `/`; the rule that sees it; and why. */
const ALLOWED: readonly Allowance[] = [
  { place: 'packages/server/test/attacks/egress-redirects.test.ts', rule: 'basicauth', reason: 'a redirect to an address with a made-up password, which must be refused' },
  { place: 'packages/server/test/attacks/federated-forged-tokens.test.ts', rule: 'basicauth', reason: 'a token endpoint with a made-up password in its address, which must be refused' },
  { place: 'packages/guard/src/vectors/keys-and-tokens.json', rule: 'database-connection-string', reason: 'a made-up database address, which the guard must find' },
]

const LARGEST_BYTES = 2_000_000
/** The rule that lets a scanned file switch rules off has no say here. */
const FILTERS = new Set(['@secretlint/secretlint-rule-filter-comments'])
const ownRules = rules.filter(({ meta }) => !FILTERS.has(meta.id))
const config = { rules: ownRules.map((rule) => ({ id: rule.meta.id, rule })) }

const isAllowed = (path: string, rule: string) => ALLOWED.some((allowance) => allowance.rule === rule && (allowance.place.endsWith('/') ? path.startsWith(allowance.place) : path === allowance.place))

/** What looks like a secret in a text. The message names its kind and never the value. */
export async function scanText({ path, content }: Text): Promise<readonly Finding[]> {
  const { messages } = await lintSource({
    source: { content, filePath: `/${path}`, ext: `.${path.split('.').at(-1) ?? ''}`, contentType: 'text' },
    options: { config, maskSecrets: true, noPhysicFilePath: true },
  })
  return messages.flatMap(({ ruleId, messageId, range }) => {
    const rule = ruleId.replace(/^.*rule-/, '')
    return isAllowed(path, rule) ? [] : [{ path, line: lineAt(content, range[0]), message: `looks like a secret (${rule}: ${messageId})` }]
  })
}

function git(root: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  if (status !== 0) throw new Error(`git ${args[0] ?? ''}: ${stderr}`)
  return stdout
}

const isText = (bytes: Buffer) => bytes.length <= LARGEST_BYTES && !bytes.subarray(0, 8_000).includes(0)

/** The files that are tracked, or would be: what `.gitignore` keeps out is not read. */
function* readTree(root: string): Iterable<Text> {
  for (const path of git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0')) {
    if (path === '' || !existsSync(join(root, path))) continue
    const bytes = readFileSync(join(root, path))
    if (isText(bytes)) yield { path, content: bytes.toString('utf8') }
  }
}

interface Blob extends Text { readonly id: string }

/** Every version of every file that any commit holds, but for those already seen. */
async function* readHistory(root: string, seen: ReadonlySet<string>): AsyncIterable<Blob> {
  const wanted = new Map(git(root, ['rev-list', '--objects', '--all']).split('\n').flatMap((line): readonly [string, string][] => {
    const [id = '', ...path] = line.split(' ')
    return path.length === 0 || path.join('') === '' || seen.has(id) ? [] : [[id, path.join(' ')]]
  }))
  if (wanted.size === 0) return
  const child = spawn('git', ['cat-file', '--batch'], { cwd: root, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end([...wanted.keys()].join('\n'))
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) if (chunk instanceof Buffer) chunks.push(chunk)
  const all = Buffer.concat(chunks)
  for (let at = 0; at < all.length;) {
    const end = all.indexOf(10, at)
    const [id = '', type = '', size = '0'] = all.toString('utf8', at, end).split(' ')
    const bytes = all.subarray(end + 1, end + 1 + Number(size))
    at = end + 2 + Number(size)
    if (type === 'blob' && isText(bytes)) yield { id, path: wanted.get(id) ?? '', content: bytes.toString('utf8') }
  }
}

/** Changes when a rule or the allow-list does: what was found clean under others is read again. */
const judgeVersion = () => createHash('sha256').update(readFileSync(import.meta.filename)).update(ownRules.map(({ meta }) => meta.id).join()).digest('hex')

/**
 * Every secret in the tree and in the history of the repository (SEC-12). Blobs that were found clean are remembered by their
 * hash, so that only new ones cost time. Outside a repository only this says so: there is nothing to scan.
 */
export async function findSecrets(root: string): Promise<readonly Finding[]> {
  if (!existsSync(join(root, '.git'))) return []
  const memory = join(root, 'node_modules', '.cache', 'sallyport', `clean-blobs-${judgeVersion().slice(0, 16)}`)
  const clean = new Set(existsSync(memory) ? readFileSync(memory, 'utf8').split('\n') : [])
  const findings: Finding[] = []
  for (const text of readTree(root)) findings.push(...await scanText(text))
  for await (const blob of readHistory(root, clean)) {
    const found = await scanText(blob)
    if (found.length === 0) clean.add(blob.id)
    else findings.push(...found.map((finding) => ({ ...finding, message: `${finding.message}, in the history (blob ${blob.id.slice(0, 10)})` })))
  }
  mkdirSync(dirname(memory), { recursive: true })
  writeFileSync(memory, [...clean].join('\n'))
  return findings
}
