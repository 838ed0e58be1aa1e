import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { beforeAll, expect, test, vi } from 'vitest'
import * as z from 'zod'

/** Scoreboard P8: script before the first paint, compressed as a server would send it. */
const firstPaintBytes = 150 * 1_024

const Manifest = z.record(z.string(), z.object({ file: z.string(), imports: z.array(z.string()).optional(), dynamicImports: z.array(z.string()).optional(), isEntry: z.boolean().optional() }))
let manifest: z.output<typeof Manifest> = {}
let files = new Map<string, string>()

beforeAll(async () => {
  // Else React would be built with its checks for developers.
  vi.stubEnv('NODE_ENV', 'production')
  const built = await build({ configFile: join(import.meta.dirname, '..', 'vite.config.ts'), logLevel: 'silent', mode: 'production', build: { write: false, manifest: true } })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => 'output' in one ? one.output : [])
  files = new Map(outputs.map((output) => [output.fileName, output.type === 'chunk' ? output.code : Buffer.from(output.source).toString('utf8')]))
  manifest = Manifest.parse(JSON.parse(files.get('.vite/manifest.json') ?? '{}'))
}, 60_000)

/** A chunk with all that it needs before it runs. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (!seen.has(name)) {
    seen.add(name)
    for (const next of manifest[name]?.imports ?? []) withImports(next, seen)
  }
  return seen
}
const compressedBytes = (names: ReadonlySet<string>): number =>
  [...names].reduce((sum, name) => sum + gzipSync(files.get(manifest[name]?.file ?? '') ?? '').byteLength, 0)
const entry = (): string => Object.keys(manifest).find((name) => manifest[name]?.isEntry === true) ?? ''

test('the script before the first paint is at most 150 KB compressed', () => {
  const bytes = compressedBytes(withImports(entry()))
  expect(bytes).toBeGreaterThan(20_000)
  expect(bytes).toBeLessThanOrEqual(firstPaintBytes)
})

test('with the Markdown reader it would be more: the measure sees what is loaded later', () => {
  const reader = Object.keys(manifest).find((name) => name.endsWith('markdown/markdown.tsx')) ?? ''
  expect(compressedBytes(withImports(reader, withImports(entry())))).toBeGreaterThan(firstPaintBytes)
})

test('no script sets HTML from a string or evaluates text, but for React where nobody asks it to', () => {
  const offenders = [...files].filter(([name, code]) => name.endsWith('.js') && /\.innerHTML\s*=|\bnew Function\(|\beval\(|insertAdjacentHTML|document\.write\(/.test(code)).map(([name]) => name)
  expect(offenders.every((name) => name.includes('index-'))).toBe(true)
})

test('the page names no address but its own, and every script and style of it has the nonce', () => {
  const page = files.get('index.html') ?? ''
  expect(page).not.toMatch(/https?:\/\//)
  for (const [tag] of page.matchAll(/<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*>/g)) expect(tag).toContain('nonce="SALLYPORT_NONCE"')
  expect(existsSync(join(import.meta.dirname, '..', 'public', 'gate.svg'))).toBe(true)
  expect(readFileSync(join(import.meta.dirname, '..', 'index.html'), 'utf8')).not.toMatch(/\son\w+=|style=/)
})
