import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore, type LanguageInput } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'

export interface CodeToken {
  readonly content: string
  readonly color: string | undefined
  readonly italic: boolean
}

const languages: Readonly<Record<string, LanguageInput>> = {
  bash: () => import('shiki/langs/shellscript.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  ini: () => import('shiki/langs/ini.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  markdown: () => import('shiki/langs/markdown.mjs'),
  nginx: () => import('shiki/langs/nginx.mjs'),
  php: () => import('shiki/langs/php.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  swift: () => import('shiki/langs/swift.mjs'),
  toml: () => import('shiki/langs/toml.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  xml: () => import('shiki/langs/xml.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
}
const otherNames: Readonly<Record<string, string>> = {
  sh: 'bash', shell: 'bash', zsh: 'bash', console: 'bash', 'c++': 'cpp', 'c#': 'csharp', cs: 'csharp', dockerfile: 'docker', golang: 'go', svg: 'html',
  js: 'javascript', mjs: 'javascript', cjs: 'javascript', jsx: 'tsx', ts: 'typescript', jsonc: 'json', kt: 'kotlin', md: 'markdown', py: 'python',
  rb: 'ruby', rs: 'rust', yml: 'yaml', env: 'ini',
}
/** Longer code is shown without colours: tokenising runs on the page's own thread. */
const longestCode = 60_000

// The colours are names of the page's own variables, so that one pass serves both themes and no style sheet is made at run time.
const theme = createCssVariablesTheme({ name: 'gate', variablePrefix: '--code-', fontStyle: true })
let highlighter: Promise<HighlighterCore> | null = null
const loaded = new Map<string, Promise<string>>()

async function load(name: string, grammar: LanguageInput): Promise<string> {
  highlighter ??= createHighlighterCore({ themes: [theme], langs: [], engine: createJavaScriptRegexEngine({ forgiving: true }) })
  const core = await highlighter
  const before = new Set(core.getLoadedLanguages())
  await core.loadLanguage(grammar)
  return core.getLoadedLanguages().includes(name) ? name : core.getLoadedLanguages().findLast((id) => !before.has(id)) ?? name
}

/** Lines of coloured tokens; null for a language that is not known, and for code too long to colour. */
export async function highlight(code: string, language: string): Promise<readonly (readonly CodeToken[])[] | null> {
  const wanted = language.toLowerCase()
  const name = otherNames[wanted] ?? wanted
  const grammar = Object.hasOwn(languages, name) ? languages[name] : undefined
  if (grammar === undefined || code.length > longestCode) return null
  const ready = loaded.get(name) ?? load(name, grammar)
  loaded.set(name, ready)
  const lang = await ready
  const core = await (highlighter ?? Promise.reject(new Error('No highlighter')))
  return core.codeToTokensBase(code, { lang, theme: 'gate' }).map((line) => line.map(({ content, color, fontStyle = 0 }) => ({ content, color, italic: fontStyle === 1 })))
}
