import { request } from 'node:http'
import { inflateRawSync } from 'node:zlib'
import { type DataExport, DataExportState } from '@sallyport/contract'
import { expect } from 'vitest'
import type { Person, TestServer } from '../../src/testing/server.ts'

/** Makes an export under this address and waits until it is ready. */
export async function makeExport(server: TestServer, path: string, by: Person): Promise<DataExport> {
  const begun = await by.call('POST', path)
  expect(begun.status, begun.text).toBe(200)
  await server.sallyport.domains.exports.settled()
  const { last } = DataExportState.parse((await by.call('GET', path)).json)
  expect(last, JSON.stringify(server.logs)).toMatchObject({ state: 'ready' })
  if (last === null) throw new Error('There is no export.')
  return last
}

/** The files of an export by their names, as the person gets them. */
export const fetchExport = async (server: TestServer, path: string, by: Person) => unzip(await bytesOf(server, path, by))

const bytesOf = (server: TestServer, path: string, somebody: Person) => new Promise<Buffer>((resolve, reject) => {
  request({ host: '127.0.0.1', port: server.port, path, headers: { cookie: somebody.cookie } }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => { resolve(Buffer.concat(chunks)) })
    response.on('error', reject)
  }).on('error', reject).end()
})

/** Reads a zip by its central directory, as every tool does. */
function unzip(zip: Buffer): ReadonlyMap<string, string> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  const files = new Map<string, string>()
  let at = zip.readUInt32LE(end + 16)
  for (let index = 0; index < zip.readUInt16LE(end + 10); index += 1) {
    const [packed, plain, nameLength, from] = [zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)]
    const data = from + 30 + zip.readUInt16LE(from + 26)
    const content = inflateRawSync(zip.subarray(data, data + packed))
    expect(content.byteLength).toBe(plain)
    files.set(zip.subarray(at + 46, at + 46 + nameLength).toString(), content.toString('utf8'))
    at += 46 + nameLength
  }
  return files
}
