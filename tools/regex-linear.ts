import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SlowExpression {
  readonly file: string
  readonly source: string
  readonly millis: number
  readonly text: string
}

const literal = /(?:^|[=(,:[!&|?;]|return|\btest)\s*\/((?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\\\]\n]|\\.)*\])+)\/([dgimsuvy]*)/gm
const longText = 16_384
const mostMillis = 50

/** Every regular expression written in a folder's TypeScript. */
export function expressionsIn(folder: string): { readonly file: string; readonly expression: RegExp }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name)).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(literal)].flatMap((match) => {
      try {
        return [{ file, expression: new RegExp(match[1] ?? '', (match[2] ?? '').replace('y', '')) }]
      } catch {
        return []
      }
    }))
}

/** Characters and short pieces that an expression names, to make hostile texts from. */
function piecesOf({ source }: RegExp): string[] {
  const plain = source.replace(/\\[dDwWsSbBpPuxknrtf]\{?[^}]{0,12}\}?|\(\?[:=!<]+|[\\^$.*+?()[\]{}|]/g, ' ')
  const words = plain.split(/[\s,]+/).filter((word) => word !== '').slice(0, 12)
  return [...new Set(['a', 'A', '0', ' ', '-', '.', ':', '/', '=', '@', '_', 'a ', '0 ', '0-', 'a.', 'a0', 'é', '日', '\n', '"', '<', '&#12;', '%41', ...words, ...words.map((word) => `${word} `)])]
}

/** Runs an expression over long texts made to hurt it; the slowest run, if it is too slow. */
export function slowest(expression: RegExp): { readonly millis: number; readonly text: string } | null {
  for (const piece of piecesOf(expression)) {
    for (const text of [piece.repeat(Math.ceil(longText / piece.length)).slice(0, longText), `${piece.repeat(Math.ceil(longText / piece.length)).slice(0, longText)}\u0001`]) {
      const millis = Math.min(timeOf(expression, text), mostMillis + 1) > mostMillis ? Math.min(timeOf(expression, text), timeOf(expression, text)) : 0
      if (millis > mostMillis) return { millis, text: piece }
    }
  }
  return null
}

function timeOf(expression: RegExp, text: string): number {
  const start = process.hrtime.bigint()
  if (expression.global) text.replace(expression, '')
  else expression.test(text)
  return Number(process.hrtime.bigint() - start) / 1e6
}

/** The expressions of a folder that do not run in linear time on the texts tried. */
export function slowExpressions(folder: string): SlowExpression[] {
  return expressionsIn(folder).flatMap(({ file, expression }) => {
    const slow = slowest(expression)
    return slow === null ? [] : [{ file, source: expression.source, ...slow }]
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folders = ['guard', 'server', 'contract', 'web', 'cli'].map((name) => fileURLToPath(new URL(`../packages/${name}/src`, import.meta.url)))
  const slow = folders.flatMap(slowExpressions)
  for (const { file, source, millis, text } of slow) console.log(`${file}: /${source.slice(0, 120)}/ took ${millis.toFixed(0)} ms on ${JSON.stringify(text)} repeated`)
  console.log(`${folders.flatMap(expressionsIn).length} expressions tried on 16 KB, ${slow.length} too slow.`)
  process.exitCode = slow.length === 0 ? 0 : 1
}
