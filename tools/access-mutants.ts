import { Visitor, type Expression } from 'oxc-parser'
import { lineAt, type Source } from './source.ts'

/** One check taken away: what remains of the file without it. */
export interface Mutant {
  readonly path: string
  readonly line: number
  /** What kind of check it was, and its own words. */
  readonly kind: 'scope' | 'refusal' | 'restriction'
  readonly removed: string
  readonly mutated: string
}

/** Columns that say whose a row is, what it hangs from, or whether somebody may still use it. A clause over one of them is a check. */
const OWNING = new Set([
  'account_id', 'owner', 'owner_id', 'collection_id', 'conversation_id', 'document_id', 'group_id', 'reader_id', 'kind', 'revoked_at', 'confirmed_at', 'used_at', 'ends_at', 'expires_at', 'digest', 'token_digest', 'status',
  'subject', 'scope', 'state', 'session_id', 'family_id', 'identity_id', 'provider_id', 'email_lookup', 'device_digest',
])
/** What a refusal of access throws. Other problems tell of mistakes and states, which are not what this is about. */
const REFUSALS = /'(?:not-signed-in|not-allowed|not-found|cross-site|address-not-allowed|fresh-sign-in-needed|second-factor-needed|second-factor-enrolment-needed|password-change-needed|wrong-host|model-not-found|set-up-closed|link-ended)'/
const STORE = /^packages\/server\/src\/domains\/[^/]+\/(?:[\w-]*store|standing)\.ts$/
/** Where credentials are read: there, giving nothing is refusing. */
const READING = /\/(?:keys\/find-key|sessions\/service|tokens\/[\w-]+)\.ts$/
const REFUSING = /^packages\/server\/src\/(?:edge\/steps\/(?:check-access|check-host|identify-caller|refuse-cross-site|refuse-ambiguous)|domains\/(?!backups|models|knowledge\/index-document|.*\.test)[\w-]+\/[\w-]+|domains\/models\/registry|turn\/stages\/identify|policy\/\w+)\.ts$/

interface Span { readonly start: number; readonly end: number }
const without = (text: string, { start, end }: Span, instead = '') => text.slice(0, start) + instead + text.slice(end)
const inOneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim().slice(0, 160)

/** The clauses of a store that say whose rows a statement may touch. */
function scopeClauses({ path, text, parsed }: Source): readonly Mutant[] {
  const mutants: Mutant[] = []
  new Visitor({
    CallExpression: ({ callee, arguments: given, end }) => {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier' || !/^(?:where|whereRef)$/.test(callee.property.name)) return
      const [column, operator] = given
      // What sweeps away what is over decides nothing.
      if (operator?.type === 'Literal' && (operator.value === '<' || operator.value === '<=')) return
      if (column?.type !== 'Literal' || typeof column.value !== 'string' || !OWNING.has(column.value.replace(/^.*\./, ''))) return
      const span = { start: callee.object.end, end }
      mutants.push({ path, line: lineAt(text, callee.property.start), kind: 'scope', removed: inOneLine(text.slice(span.start, span.end)), mutated: without(text, span) })
    },
  }).visit(parsed.program)
  return mutants
}

/** A comparison with whoever is meant, inside a statement that is written out. */
const WRITTEN_OUT = /(?:[\w.]+|\$\{sql\.ref\([\w.]+\)\}) = \$\{(?:accountId|owner|rule\.key)\}/g

/** The same clauses in statements that are written out. */
function writtenClauses({ path, text, parsed }: Source): readonly Mutant[] {
  const mutants: Mutant[] = []
  const seen = new Set<number>()
  new Visitor({
    TaggedTemplateExpression: ({ tag, quasi }) => {
      if (text.slice(tag.start, tag.end) !== 'sql' && !text.slice(tag.start, tag.end).startsWith('sql<')) return
      for (const { 0: clause, index } of text.slice(quasi.start, quasi.end).matchAll(WRITTEN_OUT)) {
        const span = { start: quasi.start + index, end: quasi.start + index + clause.length }
        // One statement may stand in another.
        if (seen.has(span.start)) continue
        seen.add(span.start)
        mutants.push({ path, line: lineAt(text, span.start), kind: 'scope', removed: clause, mutated: without(text, span, '1 = 1') })
      }
    },
  }).visit(parsed.program)
  return mutants
}

/** The parts of a condition that refuse by themselves. What only asks whether there is something is no check but the way to one. */
function parts(test: Expression): readonly Span[] {
  if (test.type === 'ParenthesizedExpression') return parts(test.expression)
  if (test.type !== 'LogicalExpression' || test.operator !== '||') return isPresence(test) ? [] : [test]
  return [...parts(test.left), ...parts(test.right)]
}
const isPresence = (test: Expression): boolean => test.type === 'BinaryExpression' && test.operator === '===' && (isNothing(test.right) || isNothing(test.left))
const isNothing = (node: { readonly type: string; readonly value?: unknown; readonly name?: unknown }) => (node.type === 'Literal' && node.value === null) || (node.type === 'Identifier' && node.name === 'undefined')

/** The conditions under which something is refused: each whole one, or each of its parts where it has several. */
function refusals({ path, text, parsed }: Source): readonly Mutant[] {
  const mutants: Mutant[] = []
  const isReader = READING.test(path)
  new Visitor({
    IfStatement: ({ start, end, test, consequent, alternate }) => {
      const refusal = text.slice(consequent.start, consequent.end)
      const refuses = REFUSALS.test(refusal) || (path.includes('/edge/steps/') && /^\{?\s*(?:throw|return refuse)/.test(refusal)) || (isReader && /^\{?\s*return null/.test(refusal))
      if (!refuses) return
      const several = parts(test)
      const words = (span: Span) => inOneLine(`if (${text.slice(span.start, span.end)}) ${refusal}`)
      if (several.length > 1) for (const part of several) mutants.push({ path, line: lineAt(text, part.start), kind: 'refusal', removed: words(part), mutated: without(text, part, 'false') })
      else mutants.push({ path, line: lineAt(text, start), kind: 'refusal', removed: words(test), mutated: without(text, { start, end }, alternate === null ? '' : text.slice(alternate.start, alternate.end)) })
    },
  }).visit(parsed.program)
  return mutants
}

/** What a key's restriction means, each function made to know none. */
function restrictionFunctions({ path, text, parsed }: Source): readonly Mutant[] {
  if (!path.endsWith('/policy/restrictions.ts')) return []
  const found = (name: string, body: Span, instead: string): Mutant => ({ path, line: lineAt(text, body.start), kind: 'restriction', removed: name, mutated: without(text, body, instead) })
  const mutants: Mutant[] = []
  new Visitor({
    FunctionDeclaration: ({ id, body }) => {
      if (id !== null && body !== null) mutants.push(found(id.name, body, id.name === 'permissionsUnder' ? '{ return rolePermissions[role] }' : '{ return true }'))
    },
    VariableDeclarator: ({ id, init }) => {
      if (id.type === 'Identifier' && init?.type === 'ArrowFunctionExpression' && id.name.startsWith('may')) mutants.push(found(id.name, init.body, 'true'))
    },
  }).visit(parsed.program)
  return mutants
}

/** Every single check in these sources, each taken away alone. */
export const findMutants = (sources: readonly Source[]): readonly Mutant[] => sources.flatMap((source) => [
  ...(STORE.test(source.path) ? [...scopeClauses(source), ...writtenClauses(source)] : []),
  ...(REFUSING.test(source.path) && !source.path.endsWith('.test.ts') ? refusals(source) : []),
  ...restrictionFunctions(source),
])
