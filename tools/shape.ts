import { Visitor, type Comment } from 'oxc-parser'
import { isTestCode, lineAt, type Finding, type Source } from './source.ts'

const SUPPRESSION = /(?:oxlint|eslint)-disable(?:-next-line|-line)?(?![\w-])(?<rest>.*)/s
/** Rules that nobody may switch off, whatever the reason: the house's own sizes, and the holes in the types. */
const NEVER_SUPPRESSED = ['no-explicit-any', 'no-non-null-assertion', 'max-params', 'max-lines-per-function', 'no-restricted-globals', 'no-restricted-properties', 'no-console', 'ban-ts-comment']
const LEAST_REASON_CHARACTERS = 10
/** The one file that reads the environment. */
const ENVIRONMENT_READER = 'packages/server/src/config/load.ts'

interface Span { readonly start: number; readonly end: number }

const isProduct = (path: string) => path.startsWith('packages/') && !isTestCode(path)

function judgeComment({ value }: Comment): string | undefined {
  if (/@ts-(?:ignore|nocheck)/.test(value)) return 'switches the compiler off: say `@ts-expect-error` with the reason, or mend it'
  const match = SUPPRESSION.exec(value)
  if (match === null) return undefined
  const [rules = '', reason = ''] = (match.groups?.['rest'] ?? '').split('--')
  const banned = NEVER_SUPPRESSED.find((rule) => rules.includes(rule))
  if (banned !== undefined) return `switches off ${banned}, which holds everywhere`
  if (rules.trim() === '') return 'switches off every rule: name the one that is meant'
  if (reason.trim().length < LEAST_REASON_CHARACTERS) return 'is a suppression without a reason: write `-- why` behind the rule'
  return undefined
}

function findSuppressions(source: Source): readonly Finding[] {
  return source.parsed.comments.flatMap((comment) => {
    const message = judgeComment(comment)
    return message === undefined ? [] : [{ path: source.path, line: lineAt(source.text, comment.start), message }]
  })
}

/** Where the environment is read: `process.env` in any spelling, and `env` taken from `node:process`. */
function environmentReads(source: Source): readonly number[] {
  const starts: number[] = []
  const isProcess = (node: { readonly type: string; readonly name?: unknown }) => node.type === 'Identifier' && node.name === 'process'
  new Visitor({
    MemberExpression: ({ object, property, start }) => {
      const name = property.type === 'Identifier' ? property.name : property.type === 'Literal' ? property.value : undefined
      if (isProcess(object) && name === 'env') starts.push(start)
    },
    VariableDeclarator: ({ id, init, start }) => { if (init !== null && isProcess(init) && id.type === 'ObjectPattern') starts.push(start) },
    ImportDeclaration: ({ source: from, start }) => { if (from.value === 'node:process' || from.value === 'process') starts.push(start) },
  }).visit(source.parsed.program)
  return starts
}

function findEnvironmentReads(source: Source): readonly Finding[] {
  if (!isProduct(source.path) || !/^packages\/[^/]+\/src\//.test(source.path) || source.path === ENVIRONMENT_READER) return []
  return environmentReads(source).map((start) => ({ path: source.path, line: lineAt(source.text, start), message: `reads the environment, which ${ENVIRONMENT_READER} alone may do` }))
}

/** What holds everywhere and no comment may switch off. */
export const findShapeOffences = (sources: readonly Source[]): readonly Finding[] =>
  sources.flatMap((source) => [...findSuppressions(source), ...findEnvironmentReads(source)])

function functionLines(source: Source): readonly number[] {
  const lines: number[] = []
  const count = ({ start, end }: Span) => { lines.push(lineAt(source.text, end) - lineAt(source.text, start) + 1) }
  new Visitor({ FunctionDeclaration: count, FunctionExpression: count, ArrowFunctionExpression: (node) => { if (!node.expression) count(node) } }).visit(source.parsed.program)
  return lines
}

function countCasts(source: Source): number {
  let casts = 0
  new Visitor({ TSAsExpression: ({ typeAnnotation }) => { if (typeAnnotation.type !== 'TSTypeReference' || typeAnnotation.typeName.type !== 'Identifier' || typeAnnotation.typeName.name !== 'const') casts += 1 } }).visit(source.parsed.program)
  return casts
}

/** The value below which the share lies; 0 of an empty list. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

const lineCount = ({ text }: Source) => text.split('\n').length - 1

/** The sizes that are told and not judged: code is cut by meaning, never to please a number. */
export function describeShape(sources: readonly Source[]): readonly string[] {
  const product = sources.filter(({ path }) => isProduct(path))
  const files = product.map(lineCount)
  const functions = product.flatMap(functionLines)
  const ratio = (name: string) => {
    const own = sources.filter(({ path }) => path.startsWith(`packages/${name}/`))
    const total = (tests: boolean) => own.filter(({ path }) => isTestCode(path) === tests).reduce((sum, source) => sum + lineCount(source), 0)
    return `${name} ${(total(true) / Math.max(1, total(false))).toFixed(2)}`
  }
  return [
    `${product.length} files: ${percentile(files, 0.5)} lines at the median, ${percentile(files, 0.95)} at the 95th percentile (aim: 90 and 300)`,
    `${functions.length} functions: ${percentile(functions, 0.5)} lines at the median, ${percentile(functions, 0.95)} at the 95th percentile (aim: 40)`,
    `tests to source: ${['guard', 'server', 'web'].map(ratio).join(', ')} (aim: 2, 1, 0.5)`,
    `casts with \`as\`: ${product.reduce((sum, source) => sum + countCasts(source), 0)}`,
  ]
}
