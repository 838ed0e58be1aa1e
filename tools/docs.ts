import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import * as z from 'zod'
import { filesUnder, type Finding } from './source.ts'

/** Where paths of the repository begin: what stands in code in a document and begins so must exist. */
const REPOSITORY_PATH = /^(?:packages|tools|docs|bench|e2e|\.ci)\/[\w@.*{},/-]+$/
const NPM_OWN_COMMANDS = new Set(['ci', 'install', 'i', 'start', 'test', 'run', 'exec', 'audit', 'sbom', 'version', 'view'])
const scriptsSchema = z.looseObject({ scripts: z.record(z.string(), z.string()) })

interface Named { readonly what: string; readonly line: number }

/** The documents: Markdown at the root, in docs and in the packages. */
const readDocuments = (root: string): readonly string[] => [
  ...globSync('*.md', { cwd: root }).toSorted(),
  ...['docs', 'packages', 'tools', 'bench', 'e2e'].flatMap((directory) => filesUnder(root, directory)).filter((path) => path.endsWith('.md')),
]

function* matches(text: string, pattern: RegExp): Iterable<Named> {
  for (const [index, content] of text.split('\n').entries()) {
    for (const match of content.matchAll(pattern)) yield { what: match[1] ?? '', line: index + 1 }
  }
}

/** The anchor that a forge makes of a heading. */
export const toAnchor = (heading: string): string => heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-')

const anchorsOf = (text: string) => new Set([...matches(text, /^#{1,6}\s+(.+)$/g)].map(({ what }) => toAnchor(what)))

function judgeLink(root: string, path: string, target: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target) || target.startsWith('/')) return undefined
  const [place = '', anchor] = target.split('#')
  const file = place === '' ? path : normalize(join(dirname(path), decodeURIComponent(place)))
  if (!existsSync(join(root, file))) return `links to ${file}, which does not exist`
  if (anchor === undefined || !file.endsWith('.md')) return undefined
  return anchorsOf(readFileSync(join(root, file), 'utf8')).has(anchor) ? undefined : `links to the heading #${anchor}, which ${file} does not have`
}

function judgePath(root: string, written: string): string | undefined {
  const path = written.replace(/:\d+$/, '').replace(/\/$/, '')
  if (!REPOSITORY_PATH.test(path)) return undefined
  const found = /[*{]/.test(path) ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path))
  return found ? undefined : `names ${path}, which does not exist`
}

/** Every path, link and npm script that a document names and that is not there. */
export function findDocumentOffences(root: string): readonly Finding[] {
  const { scripts } = scriptsSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return readDocuments(root).flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const findings: Finding[] = []
    const judge = (pattern: RegExp, verdict: (what: string) => string | undefined) => {
      for (const { what, line } of matches(text, pattern)) {
        const message = verdict(what)
        if (message !== undefined) findings.push({ path, line, message })
      }
    }
    judge(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g, (target) => judgeLink(root, path, target))
    judge(/`([^`\s]+)`/g, (written) => judgePath(root, written))
    judge(/\bnpm run ([\w:-]+)/g, (name) => (name in scripts ? undefined : `names \`npm run ${name}\`, which package.json does not have`))
    judge(/\bnpm (start|test)\b/g, (name) => (name in scripts ? undefined : `names \`npm ${name}\`, which package.json does not have`))
    judge(/`npm ([a-z]+)[^`]*`/g, (name) => (NPM_OWN_COMMANDS.has(name) ? undefined : `names \`npm ${name}\`, which npm does not have`))
    return findings
  })
}
