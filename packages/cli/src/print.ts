import { stripVTControlCharacters } from 'node:util'

/** Text from the server, safe for a terminal: no escape sequences, no control characters but line feed and tab. */
export const forTerminal = (text: string): string =>
  stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')

/** One object for programs, or lines for people. */
export function print(json: boolean, value: unknown, lines: () => readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : lines().map((line) => `${forTerminal(line)}\n`).join(''))
}

/** Columns of equal width. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>((all, row) => row.map((cell, index) => Math.max(all[index] ?? 0, cell.length)), [])
  return rows.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ').trimEnd())
}
