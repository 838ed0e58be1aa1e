import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startVendorServer, type VendorServer } from './vendor-server.ts'

/** A vendor that makes and ends keys when its administration is asked, and a directory for the programs that ask it. */
export interface HookVendor extends AsyncDisposable {
  readonly vendor: VendorServer
  readonly directory: string
  /** The keys that it takes now, by the name that whoever asked gave them. */
  readonly keys: Map<string, string>
  /** Every key that it ever made. */
  readonly made: readonly string[]
  /** Writes a program that only its owner can read and change; gives its path. `code` is JavaScript, which is given `verb`, `env`, `make`, `end` and `note`. */
  program(name: string, code: string, mode?: number): Promise<string>
  /** What the programs have noted, one entry for each. */
  notes(): Promise<readonly string[]>
}

/** Makes a key at the vendor under the name of the version that it becomes, and ends it there: what an operator's program is to do. */
export const HONEST = `if (verb === 'rotate') { process.stdout.write(await make(env.SALLYPORT_NEW_KEY_ID) + '\\n') } else { await end(env.SALLYPORT_KEY_ID) }`

export async function startHookVendor(first: string): Promise<HookVendor> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-hook-'))
  const keys = new Map([['first', first]])
  const made: string[] = []
  const vendor = await startVendorServer('openai-compatible', { takes: (credential) => [...keys.values()].includes(credential), script: { text: ['Hello.'] } })
  const administration = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '/').slice(1))
    if (request.method === 'DELETE') { response.end(String(keys.delete(name))); return }
    const key = `sk-made-${randomBytes(16).toString('hex')}`
    keys.set(name, key)
    made.push(key)
    response.end(key)
  }).listen(0, '127.0.0.1')
  await once(administration, 'listening')
  const { port } = administration.address() as AddressInfo
  const head = [
    `#!${process.execPath}`,
    `import { appendFileSync } from 'node:fs'`,
    `const [verb, env] = [process.argv.at(-1), process.env]`,
    `const ask = async (method, name) => (await fetch('http://127.0.0.1:${port}/' + encodeURIComponent(name), { method })).text()`,
    `const [make, end] = [(name) => ask('POST', name), (name) => ask('DELETE', name)]`,
    `const note = (text) => appendFileSync(${JSON.stringify(join(directory, 'notes'))}, text + '\\n')`,
  ].join('\n')
  return {
    vendor, directory, keys, made,
    async program(name, code, mode = 0o700) {
      const path = join(directory, `${name}.mjs`)
      await writeFile(path, `${head}\n${code}\n`)
      await chmod(path, mode)
      return path
    },
    notes: async () => (await readFile(join(directory, 'notes'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
    async [Symbol.asyncDispose]() {
      administration.closeAllConnections()
      administration.close()
      await vendor.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
