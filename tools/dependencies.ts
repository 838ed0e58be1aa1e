import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Finding } from './source.ts'

const LIST = 'docs/dependencies.md'
/** Licences that Apache-2.0 code may stand on and be shipped with. */
const GOOD_LICENCES = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'Python-2.0', 'MIT-0', 'Zlib', 'OFL-1.1'])
/** Weaker conditions than ours, fine where the code is used as it is and not shipped changed. */
const GOOD_UNCHANGED = new Set(['MPL-2.0', 'CC-BY-4.0', 'LGPL-3.0-or-later'])

const versions = z.record(z.string(), z.string()).optional()
const manifestSchema = z.looseObject({
  workspaces: z.array(z.string()).optional(),
  dependencies: versions, devDependencies: versions, optionalDependencies: versions,
})
const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({
    version: z.string().optional(), license: z.union([z.string(), z.looseObject({})]).optional(), link: z.boolean().optional(),
    integrity: z.string().optional(), resolved: z.string().optional(), hasInstallScript: z.boolean().optional(),
  })),
})

const readJson = (root: string, path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))

interface Wanted { readonly path: string; readonly name: string; readonly version: string }

function readWanted(root: string): readonly Wanted[] {
  const top = manifestSchema.parse(readJson(root, 'package.json'))
  return ['package.json', ...(top.workspaces ?? []).map((directory) => `${directory}/package.json`)].flatMap((path) => {
    const { dependencies, devDependencies, optionalDependencies } = manifestSchema.parse(readJson(root, path))
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).map(([name, version]) => ({ path, name, version }))
  }).filter(({ name }) => !name.startsWith('@sallyport/'))
}

interface Row { readonly name: string; readonly cells: readonly string[]; readonly line: number }

/** The rows of the list: `| package | why | licence | size | who keeps it |`. */
function readRows(text: string): readonly Row[] {
  return text.split('\n').flatMap((content, index) => {
    const cells = content.split('|').slice(1, -1).map((cell) => cell.trim())
    const name = /^`([^`]+)`$/.exec(cells[0] ?? '')?.[1]
    return name === undefined ? [] : [{ name, cells, line: index + 1 }]
  })
}

function judgeRows(root: string, wanted: readonly Wanted[]): readonly Finding[] {
  if (!existsSync(join(root, LIST))) return [{ path: LIST, line: 1, message: 'does not exist: each dependency needs its reason' }]
  const rows = readRows(readFileSync(join(root, LIST), 'utf8'))
  const listed = new Set(rows.map(({ name }) => name))
  const names = new Set(wanted.map(({ name }) => name))
  return [
    ...wanted.filter(({ name }) => !listed.has(name)).map(({ path, name }) => ({ path, line: 1, message: `${name} has no line in ${LIST}: why it is needed, its licence, its size, who keeps it` })),
    ...rows.filter(({ name }) => !names.has(name)).map(({ name, line }) => ({ path: LIST, line, message: `lists ${name}, which no package.json names` })),
    ...rows.filter(({ cells }) => cells.length !== 5 || cells.includes('')).map(({ name, line }) => ({ path: LIST, line, message: `says too little on ${name}: package, why, licence, size, who keeps it` })),
    ...rows.flatMap(({ name, cells, line }) => {
      const manifest = join('node_modules', name, 'package.json')
      if (!existsSync(join(root, manifest))) return []
      const { license } = z.looseObject({ license: z.string().optional() }).parse(readJson(root, manifest))
      return license === undefined || cells[2] === license ? [] : [{ path: LIST, line, message: `gives ${name} the licence ${cells[2] ?? ''}, and the package says ${license}` }]
    }),
  ]
}

/** Whether one of the choices of an expression such as `(MIT OR CC0-1.0)` is good, and each of its parts. */
export const isGoodLicence = (expression: string): boolean =>
  expression.replaceAll(/[()]/g, '').split(' OR ').some((choice) => choice.split(' AND ').every((licence) => GOOD_LICENCES.has(licence.trim()) || GOOD_UNCHANGED.has(licence.trim())))

function judgeLock(root: string): readonly Finding[] {
  const path = 'package-lock.json'
  const { packages } = lockSchema.parse(readJson(root, path))
  return Object.entries(packages).filter(([place, { link }]) => place.includes('node_modules/') && link !== true).flatMap(([place, entry]) => {
    const problems = [
      ...(entry.integrity === undefined ? ['has no integrity hash'] : []),
      ...(entry.resolved !== undefined && !entry.resolved.startsWith('https://registry.npmjs.org/') ? ['comes from elsewhere than the public registry'] : []),
      ...(typeof entry.license === 'string' && isGoodLicence(entry.license) ? [] : [`has the licence ${JSON.stringify(entry.license ?? 'none')}, which is not on the list of tools/dependencies.ts`]),
    ]
    return problems.map((problem) => ({ path, line: 1, message: `${place.replace(/^.*node_modules\//, '')} ${entry.version ?? ''} ${problem}` }))
  })
}

/** Every dependency that is not pinned, has no reason, or has a licence that does not fit. */
export function findDependencyOffences(root: string): readonly Finding[] {
  const wanted = readWanted(root)
  return [
    ...wanted.filter(({ version }) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)).map(({ path, name, version }) => ({ path, line: 1, message: `${name} is not pinned: "${version}"` })),
    ...judgeRows(root, wanted),
    ...judgeLock(root),
  ]
}
