import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import type { FileReply, Handler } from '../kernel/handler.ts'
import { ProblemError } from '../kernel/problem.ts'
import { navigationContentSecurityPolicy, pageHeaders, type Foreign } from '../policy/headers.ts'
import { unrouted } from './unrouted.ts'

const NONCE_PLACE = 'SALLYPORT_NONCE'
const NONCE_BYTES = 18

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8', '.webmanifest': 'application/manifest+json', '.woff2': 'font/woff2', '.png': 'image/png', '.ico': 'image/x-icon', '.txt': 'text/plain; charset=utf-8',
}
/** Addresses that belong to programs: nothing there is ever the page. */
const PROGRAM_PATHS = /^(api|v1|healthz|readyz)(\/|$)/

/**
 * The page and its files. The directory is listed once, so a request can only name what was there: no path is ever made from one.
 * What is no file is the page itself, whose script finds its own way; it gets a fresh nonce each time.
 */
export async function readPage(directory: string, foreign: Foreign): Promise<Handler<'getPage'>> {
  const paths = new Map<string, string>()
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile()) paths.set(relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'), join(entry.parentPath, entry.name))
  }
  const kept = new Map<string, Buffer>()
  const read = async (name: string): Promise<Buffer | null> => {
    const path = paths.get(name)
    if (path === undefined) return null
    const bytes = kept.get(name) ?? await readFile(path)
    kept.set(name, bytes)
    return bytes
  }
  return async ({ params }): Promise<FileReply> => {
    const name = params['*']
    if (PROGRAM_PATHS.test(name)) throw unrouted(`/${name}`)
    const file = name === 'index.html' ? null : await read(name)
    if (file !== null) return { kind: 'file', bytes: file, mediaType: mediaTypes[extname(name)] ?? 'application/octet-stream', immutable: name.startsWith('assets/'), headers: extname(name) === '.js' ? { 'Content-Security-Policy': navigationContentSecurityPolicy } : {} }
    if (extname(name) !== '' && name !== 'index.html') throw new ProblemError('not-found', { detail: 'Check the address.' })
    const page = await read('index.html')
    if (page === null) throw new ProblemError('not-found', { detail: 'The page is not built. Start the server with npm start, which builds it.' })
    const nonce = randomBytes(NONCE_BYTES).toString('base64')
    return { kind: 'file', bytes: Buffer.from(page.toString('utf8').replaceAll(NONCE_PLACE, nonce)), mediaType: 'text/html; charset=utf-8', immutable: false, headers: pageHeaders(nonce, foreign) }
  }
}
