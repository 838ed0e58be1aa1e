import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Reads a secret without showing it: typed at a terminal, or the first line of standard input. Never an argument, which other users could see. */
export async function readSecret(question: string): Promise<string> {
  const isTerminal = process.stdin.isTTY
  if (isTerminal) process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => { done() } })
  const reader = createInterface({ input: process.stdin, output: silent, terminal: isTerminal })
  try {
    for await (const line of reader) return line.trim()
    return ''
  } finally {
    reader.close()
    if (isTerminal) process.stderr.write('\n')
  }
}
