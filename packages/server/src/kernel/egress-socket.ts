import { connect, isIP, type Socket } from 'node:net'
import { EgressFailure } from '../ports/egress.ts'
import { isRefusedAddress, privateAddressesOf } from './egress-address.ts'
import { resolveWithSystem, type ResolveName } from './egress-connect.ts'

/** A connection that is open, to an address that was checked. */
export type CheckedSocket = Socket

export interface SocketRequest {
  readonly host: string
  readonly port: number
  /** Whether an administrator means a host of a private network or of this machine. */
  readonly allowPrivateAddress: boolean
  readonly connectSeconds: number
  readonly signal: AbortSignal
  readonly resolveName?: ResolveName
}

/**
 * A bare connection for protocols that are not HTTP, under the same rules (PRV-8): the name is resolved once, every address of it must be
 * allowed, the socket goes to one of those, and the connected address is checked again before a byte is sent. TLS is the caller's matter.
 * Throws `EgressFailure`.
 */
export async function connectConfigured({ host, port, allowPrivateAddress, connectSeconds, signal, resolveName = resolveWithSystem }: SocketRequest): Promise<CheckedSocket> {
  const name = host.replace(/^\[(.*)\]$/, '$1')
  const allowed = privateAddressesOf(new URL(`http://${isIP(name) === 6 ? `[${name}]` : name}`), allowPrivateAddress)
  const refusal = () => new EgressFailure('refused-address', `${host} has an address to which nothing is sent.`)
  const addresses = isIP(name) === 0 ? await resolveName(name).catch((cause: unknown) => { throw new EgressFailure('unreachable', `${host} has no address.`, { cause }) }) : [{ address: name, family: isIP(name) }]
  const [first] = addresses
  if (first === undefined) throw new EgressFailure('unreachable', `${host} has no address.`)
  if (addresses.some(({ address }) => isRefusedAddress(address, allowed))) throw refusal()
  signal.throwIfAborted()
  const socket = connect({ host: first.address, port, family: first.family })
  try {
    await opened(socket, AbortSignal.any([signal, AbortSignal.timeout(connectSeconds * 1_000)]))
  } catch (cause) {
    socket.destroy()
    throw new EgressFailure(signal.aborted ? 'aborted' : 'unreachable', `${host} does not answer.`, { cause })
  }
  if (!isRefusedAddress(socket.remoteAddress ?? '', allowed)) return socket
  socket.destroy()
  throw refusal()
}

const opened = (socket: Socket, signal: AbortSignal) => new Promise<void>((resolve, reject) => {
  const abort = () => { reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')) }
  signal.addEventListener('abort', abort, { once: true })
  socket.once('error', reject)
  socket.once('connect', () => { signal.removeEventListener('abort', abort); socket.off('error', reject); resolve() })
})
