import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A throw-away directory that goes with its scope. */
export interface Scratch extends Disposable { readonly directory: string }

const open = new Set<string>()
const remove = (directory: string) => { rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }); open.delete(directory) }
process.once('exit', () => {
  for (const directory of open) {
    try { remove(directory) } catch { /* a process that is just ending may still write there */ }
  }
})

/** Makes a directory of its own; removed when it is disposed, or when the process ends. */
export function makeScratch(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-faults-'))
  open.add(directory)
  return { directory, [Symbol.dispose]: () => { remove(directory) } }
}

/** Lets `await using` close what has a `close`. */
export const closing = <Closable extends { close(): Promise<void> }>(closable: Closable): Closable & AsyncDisposable =>
  Object.assign(closable, { [Symbol.asyncDispose]: () => closable.close() })
