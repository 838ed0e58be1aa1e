import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeAliases, describeSettings, type AliasEntry, type SettingEntry } from '@sallyport/server/ops'
import { root as repository } from './commands.ts'
import type { Finding } from './source.ts'

const PAGE = 'docs/handbook/configuration.md'
const EXAMPLE = '.env.example'
const BEGIN = '<!-- Made out of the schema by `npm run settings`: change nothing here by hand. -->\n'
const END = '<!-- End of what is made. -->\n'

const code = (text: string) => `\`${text}\``
const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `|${cells.map((cell) => (cell === '---' ? cell : ` ${cell.replaceAll('|', '\\|')} `)).join('|')}|\n`).join('')

const defaultOf = ({ default: value, presets }: SettingEntry): string =>
  [value === null || value === '' ? 'none' : code(value), ...Object.entries(presets).map(([preset, other]) => `${preset}: ${code(other)}`)].join('; ')

/** The part of the handbook's page that is made: every setting, then every usual name of others. */
export const renderReference = (settings: readonly SettingEntry[], aliases: readonly AliasEntry[]): string => [
  table(['setting', 'default', 'range', 'effect'], settings.map((entry) => [code(entry.setting), defaultOf(entry), entry.range, entry.effect])),
  '\n## Names from other programs\n\n',
  'Variables that you may have already work here too. A setting that is given by its own name, in the file, the environment or a flag, wins over them. The start, and `npm run sallyport -- doctor`, tell of every one that is overruled or has no effect. Two that say different things of one setting stop the start.\n\n',
  table(['variable', 'setting', 'effect'], aliases.map(({ variable, setting, effect }) => [code(variable), setting === null ? 'none' : code(setting), effect])),
].join('')

/** A file for people to copy: every variable, with its default, what it takes and what it does. All of it stands behind `#`. */
export const renderExample = (settings: readonly SettingEntry[], aliases: readonly AliasEntry[]): string => [
  '# Every variable that Sallyport reads, with its default. Copy this file to ~/.config/sallyport/.env, take the # away from what you change, and run:\n',
  '#   chmod 600 ~/.config/sallyport/.env\n',
  '# Or encrypt it: see docs/handbook/configuration.md. Made out of the schema by `npm run settings`: change nothing here by hand.\n',
  ...settings.flatMap((entry, index) => [
    areaOf(entry) === areaOf(settings[index - 1]) ? '' : `\n## ${areaOf(entry)}${entry.variable === null ? ' (in the file sallyport.json alone)' : ''}\n`,
    `# ${plain(entry.effect)} [${plain(entry.range)}${presetsOf(entry)}]\n`, entry.variable === null ? `#   ${entry.setting}\n` : `# ${entry.variable}=${entry.default ?? ''}\n`,
  ]),
  '\n## Names from other programs; what is set above wins over them\n',
  ...aliases.flatMap(({ variable, setting, effect }) => [`# ${plain(effect)}${setting === null ? '' : ` (${setting})`}\n`, `# ${variable}=\n`]),
].join('')

const areaOf = (entry: SettingEntry | undefined): string => entry?.setting.split('.')[0] ?? ''
const plain = (text: string): string => text.replaceAll('`', '')
const presetsOf = ({ presets }: SettingEntry): string => Object.entries(presets).map(([preset, value]) => `; ${value} with the preset ${preset}`).join('')

interface Made { readonly path: string; readonly text: string }

/** The files as they must be. Throws where the page has lost its marks. */
function makeFiles(root: string): readonly Made[] {
  const [settings, aliases] = [describeSettings(), describeAliases()]
  const page = readFileSync(join(root, PAGE), 'utf8')
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has lost the two comments between which the settings stand.`)
  return [{ path: PAGE, text: `${before}${BEGIN}\n${renderReference(settings, aliases)}\n${END}${after}` }, { path: EXAMPLE, text: renderExample(settings, aliases) }]
}

/** Files that no longer say what the schema says. */
export const findStaleReferences = (root: string): readonly Finding[] =>
  makeFiles(root).filter(({ path, text }) => readIfThere(join(root, path)) !== text).map(({ path }) => ({ path, line: 1, message: 'does not say what the schema of the configuration says: run `npm run settings`' }))

function readIfThere(path: string): string | null {
  try { return readFileSync(path, 'utf8') } catch { return null }
}

if (import.meta.main) {
  for (const { path, text } of makeFiles(repository)) writeFileSync(join(repository, path), text)
}
