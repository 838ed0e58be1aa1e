import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './commands.ts'
import { toLine, type Finding } from './source.ts'

const LIST = 'docs/controls.md'
/** How many controls of each area the catalogue holds: a row that is lost is noticed. */
const AREAS: Readonly<Record<string, number>> = {
  SEC: 13, PRV: 10, NET: 10, IDN: 13, LIM: 8, VAL: 5, GRD: 10, PRI: 5, DAT: 6, OBS: 7, INC: 9, CHT: 6, KNO: 4, VOI: 2, ERR: 4, DEP: 5, OPS: 4, TST: 5,
}

export interface Control {
  readonly id: string
  readonly text: string
  readonly isMet: boolean
  /** Files that implement it. */
  readonly code: readonly string[]
  /** Files that would fail without it; with `#`, the name of the test in it. */
  readonly tests: readonly string[]
  readonly line: number
}

export interface Report { readonly controls: readonly Control[]; readonly findings: readonly Finding[] }

const expectedIds = Object.entries(AREAS).flatMap(([area, count]) => Array.from({ length: count }, (_, index) => `${area}-${index + 1}`))

/** What stands in backquotes in a cell. */
const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, what = '']) => what)

/** Reads the rows `| ID | what must hold | state | code | tests |`. */
function readControls(text: string): { readonly controls: readonly Control[]; readonly findings: readonly Finding[] } {
  const controls: Control[] = []
  const findings: Finding[] = []
  for (const [index, content] of text.split('\n').entries()) {
    const cells = content.split('|').slice(1, -1).map((cell) => cell.trim())
    const [id = '', what = '', state = '', code = '', tests = ''] = cells
    if (!/^[A-Z]{3}-\d+$/.test(id)) continue
    const line = index + 1
    if (cells.length !== 5) findings.push({ path: LIST, line, message: `${id}: a row has five cells: id, what must hold, state, code, tests` })
    if (what === '') findings.push({ path: LIST, line, message: `${id}: says nothing of what must hold` })
    if (state !== 'met' && state !== 'open') findings.push({ path: LIST, line, message: `${id}: the state is \`met\` or \`open\`, not "${state}"` })
    controls.push({ id, text: what, isMet: state === 'met', code: quoted(code), tests: quoted(tests), line })
  }
  return { controls, findings }
}

function judgeTest(directory: string, written: string): string | undefined {
  const [path = '', ...rest] = written.split('#')
  const name = rest.join('#')
  if (!existsSync(join(directory, path))) return `the test file ${path} does not exist`
  if (name === '') return undefined
  const text = readFileSync(join(directory, path), 'utf8')
  return ['\'', '"', '`'].some((quote) => text.includes(quote + name + quote)) ? undefined : `${path} has no test named "${name}"`
}

function judgeControl(directory: string, { id, isMet, code, tests, line }: Control): readonly Finding[] {
  const messages = [
    ...code.filter((path) => !existsSync(join(directory, path))).map((path) => `the file ${path} does not exist`),
    ...tests.flatMap((written) => judgeTest(directory, written) ?? []),
    ...(isMet && code.length === 0 ? ['is said to be met, and no code is named'] : []),
    ...(isMet && tests.length === 0 ? ['is said to be met, and no test is named'] : []),
  ]
  return messages.map((message) => ({ path: LIST, line, message: `${id}: ${message}` }))
}

/** Reads the list of controls and everything that is wrong with it: a lost id, a broken link, a claim without a test. */
export function reportControls(directory: string): Report {
  const file = join(directory, LIST)
  if (!existsSync(file)) return { controls: [], findings: [{ path: LIST, line: 1, message: 'does not exist' }] }
  const { controls, findings } = readControls(readFileSync(file, 'utf8'))
  const ids = controls.map(({ id }) => id)
  return {
    controls,
    findings: [
      ...findings,
      ...expectedIds.filter((id) => !ids.includes(id)).map((id) => ({ path: LIST, line: 1, message: `${id} is missing` })),
      ...controls.filter(({ id }) => !expectedIds.includes(id)).map(({ id, line }) => ({ path: LIST, line, message: `${id} is not in the catalogue` })),
      ...controls.filter(({ id }, index) => ids.indexOf(id) !== index).map(({ id, line }) => ({ path: LIST, line, message: `${id} stands here a second time` })),
      ...controls.flatMap((control) => judgeControl(directory, control)),
    ],
  }
}

function print({ controls, findings }: Report, demandAll: boolean): void {
  for (const area of Object.keys(AREAS)) {
    const own = controls.filter(({ id }) => id.startsWith(`${area}-`))
    const open = own.filter(({ isMet }) => !isMet).map(({ id }) => id)
    console.log(`${area}  ${own.length - open.length} of ${AREAS[area] ?? 0} met${open.length === 0 ? '' : `; open: ${open.join(', ')}`}`)
  }
  for (const finding of findings) console.error(toLine(finding))
  const met = controls.filter(({ isMet }) => isMet).length
  console.log(`${met} met, ${expectedIds.length - met} open, of ${expectedIds.length}`)
  if (demandAll && met < expectedIds.length) console.error('Every control must be met (--all).')
}

/** `npm run controls [-- --all] [--json]`. True when nothing is wrong, and with `--all` nothing is open. */
function main(args: readonly string[]): boolean {
  const unknown = args.filter((argument) => argument !== '--all' && argument !== '--json')
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}. Usage: npm run controls [-- --all] [--json]`)
    return false
  }
  const report = reportControls(root)
  const open = expectedIds.length - report.controls.filter(({ isMet }) => isMet).length
  const ok = report.findings.length === 0 && (!args.includes('--all') || open === 0)
  if (args.includes('--json')) {
    for (const { id, isMet, code, tests } of report.controls) console.log(JSON.stringify({ id, value: isMet ? 'met' : 'open', unit: 'state', target: 'met', ok: isMet, samples: tests.length, code, tests }))
    for (const finding of report.findings) console.error(toLine(finding))
  } else {
    print(report, args.includes('--all'))
  }
  return ok
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2)) ? 0 : 1
