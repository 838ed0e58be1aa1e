import { ConfigProblem } from './load.ts'

/** `--http.port 9000` and `--http.port=9000` as settings. Throws `ConfigProblem` for anything else. */
export function parseFlags(words: readonly string[]): Readonly<Record<string, string>> {
  const flags: Record<string, string> = {}
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const match = /^--([a-z][A-Za-z]*(?:\.[A-Za-z]+)?)(?:=(.*))?$/.exec(word)
    const value = match?.[2] ?? words[index + 1]
    if (match?.[1] === undefined || value === undefined) throw new ConfigProblem([`${word.slice(0, 80)}: give settings as --area.key VALUE, such as --http.port 9000.`])
    if (match[2] === undefined) index += 1
    flags[match[1]] = value
  }
  return flags
}
