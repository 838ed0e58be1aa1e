import { isIPv6 } from 'node:net'

type Connect = (this: unknown, ...call: [request: unknown, address: string, port: number]) => number
interface Handles { readonly TCP: { readonly prototype: { connect: Connect; connect6: Connect } } }

export interface ConnectWatch {
  /** Every address to which this process tried to connect since the watch began, as `address:port` or `[address]:port`. */
  readonly attempts: string[]
  stop(): void
}

const ECONNREFUSED = -111

/**
 * Watches the call under every TCP connection of this process (Node has no public place below name resolution), so that a test can show
 * that nothing was sent, whatever the code above believes. A connection that `mayConnect` does not name is recorded and refused, and so
 * never leaves the machine.
 */
export function watchConnects(mayConnect: (address: string) => boolean = () => false): ConnectWatch {
  const binding = Reflect.get(process, 'binding') as (name: string) => Handles
  const { prototype } = binding.call(process, 'tcp_wrap').TCP
  const { connect, connect6 } = prototype
  const attempts: string[] = []
  const watched = (real: Connect): Connect => function watch(this: unknown, ...[request, address, port]) {
    attempts.push(isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`)
    return mayConnect(address) ? real.call(this, request, address, port) : ECONNREFUSED
  }
  prototype.connect = watched(connect)
  prototype.connect6 = watched(connect6)
  return { attempts, stop: () => { prototype.connect = connect; prototype.connect6 = connect6 } }
}
