import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** The root of the repository. */
export const root = join(import.meta.dirname, '..')

export interface Outcome { readonly status: number; readonly output: string }

/** Runs a command in the root and keeps what it says. Never throws: a command that cannot be started has status 127. */
export function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk: Buffer) => { output += chunk.toString('utf8') }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => { resolve({ status: 127, output: `${command}: ${error.message}` }) })
    child.on('close', (status) => { resolve({ status: status ?? 1, output: output.trimEnd() }) })
  })
}

/** Where npm put the program of a package. */
export const binary = (name: string): string => join(root, 'node_modules', '.bin', name)
