/**
 * `npm run mutants -- [--list] [--only TEXT]... [--near] [--new] [--keep FILE] [--write]`: takes every single access check away, one at a time, in a copy
 * of the tree, and tells which test notices. A whole run takes hours: with `--keep` what was noticed is kept, and a run that was cut goes on;
 * `--near` asks only the tests beside a check, and is for finding quickly what they miss; `--new` believes the written report of every check that
 * it lists and whose words are unchanged, and judges the others.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { equivalents, rowMutants, type RowMutant } from './access-equivalents.ts'
import { findMutants, type Mutant } from './access-mutants.ts'
import { root } from './commands.ts'
import { filesUnder, readSources } from './source.ts'

const SERVER = 'packages/server/'
const POLICY = `${SERVER}src/policy/operations.ts`
const REPORT = join(root, 'docs', 'access-mutants.md')
/** Each test has a limit of its own; this one is for a run that has lost its way. */
const PATIENCE_MILLISECONDS = 3_600_000

type Verdict = { readonly state: 'killed'; readonly by: string } | { readonly state: 'survived' } | { readonly state: 'equivalent'; readonly why: string }
interface Judged { readonly mutant: Mutant; readonly verdict: Verdict }

/** A copy of the tree whose packages see each other and not the originals; what npm installed is linked. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'sallyport-mutants-'))
  for (const name of ['packages', 'tools', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => basename(path) !== 'node_modules' })
  }
  const installed = join(copy, 'node_modules')
  mkdirSync(installed)
  for (const name of readdirSync(join(root, 'node_modules'))) if (name !== '@sallyport' && name !== '.vite') symlinkSync(join(root, 'node_modules', name), join(installed, name))
  mkdirSync(join(installed, '@sallyport'))
  for (const name of readdirSync(join(copy, 'packages'))) symlinkSync(join(copy, 'packages', name), join(installed, '@sallyport', name))
  return copy
}

/** What follows a page of the handbook by npm's commands, which a copy does not have. */
const AWAY = /\/recovery\.test\.ts$/
/** The tests that stand nearest to a check where they are not called after it. */
const nearby: Readonly<Record<string, readonly string[]>> = {
  'edge/steps/check-access': ['http/refusals', 'attacks/key-restriction-by-every-carrier', 'attacks/second-factor-skipped', 'http/order', 'federation/link'],
  'edge/steps/check-host': ['http/refusals'],
  'edge/steps/identify-caller': ['http/refusals', 'attacks/key-in-other-header', 'attacks/revoked-credentials', 'attacks/ban-evasion', 'attacks/key-guessing'],
  'edge/steps/refuse-ambiguous': ['http/refusals', 'attacks/request-smuggling', 'attacks/key-in-other-header'],
  'domains/accounts/service': ['http/refusals'],
  'domains/accounts/sign-up': ['http/refusals', 'attacks/links-outlive-their-ground'],
  'domains/conversations/cap-store': ['http/caps'],
  'domains/federation/manage': ['http/refusals', 'attacks/federated-account-takeover'],
  'domains/federation/sign-in': ['http/refusals'],
  'domains/federation/sign-out': ['http/refusals', 'attacks/federated-logout-tokens'],
  'domains/groups/grounds-store': ['attacks/links-outlive-their-ground'],
  'domains/groups/service': ['http/refusals'],
  'domains/keys/key-parts': ['http/refusals'],
  'domains/keys/manage-keys': ['http/refusals'],
  'domains/keys/service-keys': ['http/refusals'],
  'domains/knowledge/access': ['attacks/foreign-things-by-id'],
  'domains/knowledge/service': ['attacks/key-restriction-by-every-carrier'],
  'domains/models/registry': ['attacks/key-restriction-by-every-carrier'],
  'domains/privacy/exports': ['http/refusals', 'http/data-export', 'attacks/export-without-glass'],
  'domains/revocations/administer': ['http/refusals'],
  'domains/secrets/rotation': ['http/refusals'],
  'domains/tokens/access-tokens': ['attacks/jwt-algorithm-confusion'],
  'domains/tokens/service': ['attacks/token-for-another-server', 'attacks/token-of-rotated-value', 'attacks/revoked-credentials'],
  'policy/restrictions': ['http/posture', 'attacks/key-restriction-by-every-carrier'],
  'turn/stages/identify': ['http/refusals', 'attacks/foreign-things-by-id'],
}
/** The tests that are asked, nearest first: the file's own, those of the domain, attacks of its name, then the proofs over all of identity, the matrix, and every other attack. */
function testsFor(path: string): readonly (readonly string[])[] {
  const own = path.includes('/domains/') ? [...filesUnder(root, dirname(path)), ...filesUnder(root, `${SERVER}test/${basename(dirname(path))}`)].filter((file) => file.endsWith('.test.ts') && !AWAY.test(file)) : []
  const proofs = ['posture', 'refusals', 'order'].map((name) => `${SERVER}test/http/${name}.test.ts`)
    .concat(['two-tenants-every-id', 'key-restriction-by-every-carrier', 'key-in-other-header', 'foreign-things-by-id', 'revoked-credentials'].map((name) => `${SERVER}test/attacks/${name}.test.ts`))
  const nearest = [...own.filter((file) => file === path.replace(/\.ts$/, '.test.ts')), ...(nearby[path.slice(`${SERVER}src/`.length, -'.ts'.length)] ?? []).map((name) => `${SERVER}test/${name}.test.ts`)]
  // By their beginnings: what attacks federation is called after what is federated.
  const nouns = [basename(dirname(path)).replace(/s$/, '').slice(0, 6), ...basename(path, '.ts').split('-').filter((word) => word.length > 3)]
  const attacks = filesUnder(root, `${SERVER}test/attacks`).filter((file) => file.endsWith('.test.ts') && !proofs.includes(file))
  const near = attacks.filter((file) => nouns.some((noun) => basename(file).includes(noun)))
  return [nearest, own.filter((file) => !nearest.includes(file)), near, proofs, [`${SERVER}test/http/matrix.test.ts`], attacks.filter((file) => !near.includes(file))].filter((files) => files.length > 0)
}

interface Run { readonly failed: readonly string[]; readonly isBroken: boolean }

/** Runs test files in the copy, over the embedded engine, until the first failure. */
function runTests(copy: string, files: readonly string[], { bail }: { readonly bail: boolean }): Promise<Run> {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--no-file-parallelism', '--fsModuleCache', `--fsModuleCachePath=${join(copy, 'transformed')}`, '--testTimeout=120000', '--hookTimeout=120000', '--reporter=json', `--outputFile=${report}`, ...(bail ? ['--bail=1'] : []), ...files.filter((file) => existsSync(join(copy, file)))], {
      cwd: copy, stdio: 'ignore',
      // Rules are the same on both engines, and one is enough to see whether a check is missed.
      env: { ...process.env, SALLYPORT_TEST_POSTGRES_URL: 'postgres://nobody@127.0.0.1:1/none', SALLYPORT_TEST_REQUIRE: '' },
    })
    const late = setTimeout(() => { child.kill('SIGKILL') }, PATIENCE_MILLISECONDS)
    child.on('close', (status) => {
      clearTimeout(late)
      // A run that was cut short has noticed nothing, and must not pass for one that has.
      if (child.killed) reject(new Error(`The tests took too long: ${files.join(', ')}`))
      else resolve(readReport(copy, existsSync(report) ? readFileSync(report, 'utf8') : null, status))
    })
  })
}

/** The part that is read of vitest's report. */
const reportSchema = z.object({ testResults: z.array(z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) })) })

function readReport(copy: string, text: string | null, status: number | null): Run {
  if (text === null) return { failed: [], isBroken: status !== 0 }
  const report = reportSchema.parse(JSON.parse(text))
  const failed = report.testResults.flatMap(({ name, status: state, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed').map((test) => `${name.slice(copy.length + 1)}: ${test.fullName.trim()}`)
    // A file whose preparation fails has no failed test of its own.
    return tests.length > 0 || state !== 'failed' ? tests : [`${name.slice(copy.length + 1)}: before its first test`]
  })
  return { failed, isBroken: status !== 0 && failed.length === 0 }
}

const controls = new Map<string, Run>()
/** The control: without a mutant every test that judges passes, or its failing would say nothing. Throws where it fails twice. */
async function requireSound(copy: string, files: readonly string[]): Promise<void> {
  const name = files.join()
  const isSound = ({ failed, isBroken }: Run) => failed.length === 0 && !isBroken
  const first = controls.get(name) ?? await runTests(copy, files, { bail: true })
  const run = isSound(first) ? first : await runTests(copy, files, { bail: true })
  controls.set(name, run)
  if (!isSound(run)) throw new Error(`Tests fail without any mutant: ${run.failed.join(', ')}`)
}

/** How many of the groups of `testsFor` stand near a check. */
const NEAR_GROUPS = 3

async function judge(copy: string, mutant: Mutant, isNear: boolean): Promise<Verdict> {
  const known = equivalents.find(({ path, removed }) => mutant.path.endsWith(path) && mutant.removed.includes(removed))
  if (known !== undefined) return { state: 'equivalent', why: known.why }
  const place = join(copy, mutant.path)
  const original = readFileSync(place, 'utf8')
  try {
    for (const files of testsFor(mutant.path).slice(0, isNear ? NEAR_GROUPS : undefined)) {
      await requireSound(copy, files)
      writeFileSync(place, mutant.mutated)
      const { failed, isBroken } = await runTests(copy, files, { bail: true })
      const [first] = failed
      if (first !== undefined) return { state: 'killed', by: first }
      if (isBroken) return { state: 'killed', by: 'nothing runs any more' }
      writeFileSync(place, original)
    }
    return { state: 'survived' }
  } finally {
    writeFileSync(place, original)
  }
}

/** The rows of the policy table: each kind of check is taken from every row, and each row is judged by its own test. */
async function judgeRows(copy: string, kind: RowMutant): Promise<readonly Judged[]> {
  const place = join(copy, POLICY)
  const original = readFileSync(place, 'utf8')
  const rows = kind.rows(original)
  writeFileSync(place, kind.mutate(original))
  try {
    const { failed } = await runTests(copy, [`${SERVER}test/http/posture.test.ts`], { bail: false })
    return rows.map(({ id, line }) => {
      const by = failed.find((name) => name.endsWith(` ${id}`))
      return { mutant: { path: POLICY, line, kind: 'refusal', removed: `${id}: ${kind.name}`, mutated: '' }, verdict: by === undefined ? { state: 'survived' } : { state: 'killed', by } }
    })
  } finally {
    writeFileSync(place, original)
  }
}

/** What earlier runs noticed, by the changed file's digest. A check that survived is judged again. */
const keptSchema = z.object({ digest: z.string(), by: z.string() })
const digestOf = ({ path, mutated }: Mutant) => createHash('sha256').update(`${path}\0${mutated}`).digest('hex')
const readKept = (path: string | undefined) => new Map(path === undefined || !existsSync(path) ? [] : readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => {
  const { digest, by } = keptSchema.parse(JSON.parse(line))
  return [digest, by] as const
}))

/** What the written report says of checks, by their place and words; the same words in one file are the same check more than once. */
function readReported(): Map<string, string[]> {
  const reported = new Map<string, string[]>()
  for (const [, place = '', removed = '', outcome = ''] of readFileSync(REPORT, 'utf8').matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$/gm)) {
    const name = `${place} ${removed}`
    if (!/^(?:\*\*|changes nothing)/.test(outcome)) reported.set(name, [...reported.get(name) ?? [], outcome.replaceAll('\\|', '|')])
  }
  return reported
}
const inReport = ({ path, removed }: Mutant) => `${path.replace(`${SERVER}src/`, '')} ${inTable(removed)}`

const inTable = (text: string) => text.replaceAll('|', '\\|').replaceAll('`', '\'')

function toMarkdown(judged: readonly Judged[]): string {
  const count = (state: Verdict['state']) => judged.filter(({ verdict }) => verdict.state === state).length
  const rows = judged.map(({ mutant, verdict }) => {
    const outcome = verdict.state === 'killed' ? inTable(verdict.by.replace('packages/server/', '')) : verdict.state === 'equivalent' ? `changes nothing: ${inTable(verdict.why)}` : '**survived**'
    return `| \`${mutant.path.replace('packages/server/src/', '')}\` | \`${inTable(mutant.removed)}\` | ${outcome} |`
  })
  return `# Access checks, each taken away

\`npm run mutants\` copies the tree, takes one access check away at a time, and runs the tests over the embedded store until one fails. It finds
the checks in the sources by itself: clauses of the stores that say whose rows a statement may touch, conditions that refuse, the meaning of a
key's restriction, and every row of the policy table (there, one kind of check is taken from all rows at once, and each row is judged by its own
test). What changes nothing when it is taken away is listed with the reason.

${judged.length} checks: ${count('killed')} missed by a test, ${count('equivalent')} that change nothing, ${count('survived')} survived.

| where | taken away | which test fails first |
|---|---|---|
${rows.join('\n')}
`
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { list: { type: 'boolean', default: false }, only: { type: 'string', multiple: true }, near: { type: 'boolean', default: false }, new: { type: 'boolean', default: false }, keep: { type: 'string' }, write: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const wanted = ({ path, removed }: Pick<Mutant, 'path' | 'removed'>) => values.only?.some((text) => `${path} ${removed}`.includes(text)) ?? true
  const mutants = findMutants(readSources(root, ['packages/server/src'])).filter(wanted)
  if (values.list) {
    for (const { path, line, removed } of mutants) console.log(`${path}:${line} ${removed}`)
    return true
  }
  const copy = copyTree()
  const kept = readKept(values.keep)
  const reported = values.new ? readReported() : new Map<string, string[]>()
  const judged: Judged[] = []
  const tell = (one: Judged) => {
    judged.push(one)
    console.log(`${one.verdict.state.padEnd(10)} ${one.mutant.path}:${one.mutant.line} ${one.mutant.removed}${one.verdict.state === 'killed' ? `\n           by ${one.verdict.by}` : ''}`)
  }
  try {
    await requireSound(copy, [`${SERVER}test/http/posture.test.ts`])
    if (wanted({ path: POLICY, removed: '' })) for (const kind of rowMutants) for (const one of await judgeRows(copy, kind)) tell(one)
    for (const mutant of mutants) {
      const by = kept.get(digestOf(mutant)) ?? reported.get(inReport(mutant))?.shift()
      const verdict = by === undefined ? await judge(copy, mutant, values.near) : { state: 'killed', by } as const
      if (by === undefined && verdict.state === 'killed' && values.keep !== undefined) appendFileSync(values.keep, `${JSON.stringify({ digest: digestOf(mutant), by: verdict.by })}\n`)
      tell({ mutant, verdict })
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  if (values.write) writeFileSync(REPORT, toMarkdown(judged))
  const survived = judged.filter(({ verdict }) => verdict.state === 'survived')
  console.log(`${judged.length} checks taken away: ${judged.length - survived.length} accounted for, ${survived.length} survived`)
  return judged.length > 0 && survived.length === 0
}

process.exitCode = await main() ? 0 : 1
