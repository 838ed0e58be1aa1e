/** The floor: node:http in front, undici's dispatch behind, nothing between. Usage: `node bare.ts UPSTREAM-PORT`. */
import { createServer, type ServerResponse } from 'node:http'
import { type Dispatcher, Pool } from 'undici'

const upstream = new Pool(`http://127.0.0.1:${process.argv[2]}`, { connections: 256 })

const pipeTo = (response: ServerResponse): Dispatcher.DispatchHandler => ({
  onRequestStart: controller => { response.once('close', () => { if (!response.writableFinished) controller.abort(new Error('The reader went away.')) }) },
  onResponseStart: (_controller, status, headers) => {
    const length = headers['content-length']
    response.writeHead(status, { 'content-type': String(headers['content-type']), ...(length === undefined ? {} : { 'content-length': String(length) }) })
  },
  onResponseData: (controller, chunk) => {
    if (response.write(chunk)) return
    controller.pause()
    response.once('drain', () => controller.resume())
  },
  onResponseEnd: () => { response.end() },
  onResponseError: () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502).end()
  },
})

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => upstream.dispatch({
    path: request.url ?? '/', method: 'POST', body: Buffer.concat(parts),
    headers: { 'content-type': request.headers['content-type'] ?? '', accept: request.headers.accept ?? '*/*', authorization: request.headers.authorization ?? '' },
  }, pipeTo(response)))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.stdout.write(`listening ${address.port}\n`)
})
process.once('SIGTERM', () => process.exit(0))
