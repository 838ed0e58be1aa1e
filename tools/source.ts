import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { parseSync, type ParseResult } from 'oxc-parser'

/** A source file, parsed once. */
export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
  readonly parsed: ParseResult
}

/** What a check found wrong. */
export interface Finding { readonly path: string; readonly line: number; readonly message: string }

/** How a finding is printed: where, then what and why. */
export const toLine = ({ path, line, message }: Finding): string => `${path}:${line} ${message}`

const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.cache', '__fixtures__', 'portkey'])

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/** Every file under a directory, depth first in order of name, as paths from the root with `/`. */
export function filesUnder(root: string, directory: string): readonly string[] {
  const start = join(root, directory)
  if (!existsSync(start)) return []
  return readdirSync(start, { withFileTypes: true }).toSorted((one, other) => (one.name < other.name ? -1 : 1)).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return []
    const place = relative(root, join(start, entry.name)).split(sep).join('/')
    return entry.isDirectory() ? filesUnder(root, place) : [place]
  })
}

/** The TypeScript of the packages and of the tools, parsed. A file that does not parse throws: the compiler says where. */
export function readSources(root: string, directories: readonly string[] = ['packages', 'tools', 'bench', 'e2e']): readonly Source[] {
  return directories.flatMap((directory) => filesUnder(root, directory))
    .filter((path) => /\.(?:ts|tsx)$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, parsed: parseSync(path, text) }
    })
}

/** Tests, and what only tests use. */
export const isTestCode = (path: string): boolean =>
  /\.(?:test|test-d|prop\.test|suite)\.tsx?$/.test(path) || /^packages\/[^/]+\/test\//.test(path) || path.startsWith('packages/server/src/testing/')
