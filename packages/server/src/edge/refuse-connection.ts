import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { problems, type ProblemCode } from '@sallyport/contract'
import { ProblemError, toProblem } from '../kernel/problem.ts'
import { commonHeaders, dataContentSecurityPolicy } from '../policy/headers.ts'

const codes: Readonly<Record<string, ProblemCode>> = { HPE_HEADER_OVERFLOW: 'headers-too-large', ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout' }
const details: Partial<Readonly<Record<ProblemCode, string>>> = {
  'headers-too-large': 'Send fewer or shorter headers. Clearing the cookies of this site may help.',
  'request-timeout': 'Send the request again, without pauses.',
}

/** What Node's parser refuses never becomes a request: it is answered on the bare connection with all that answers carry, and the connection ends. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) { socket.destroy(); return }
  const code = codes[error.code ?? ''] ?? 'invalid-request'
  const correlationId = randomUUID()
  const { status } = problems[code]
  const body = JSON.stringify(toProblem(new ProblemError(code, { detail: details[code] ?? 'What was sent is not valid HTTP.' }), correlationId))
  const headers = {
    'Content-Type': 'application/problem+json; charset=utf-8', 'Content-Length': Buffer.byteLength(body), 'X-Request-Id': correlationId,
    'Content-Security-Policy': dataContentSecurityPolicy, 'Cache-Control': 'no-store', ...commonHeaders, Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n'))
}
