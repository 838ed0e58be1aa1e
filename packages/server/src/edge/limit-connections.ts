import type { Server } from 'node:http'
import { addressKey } from '../kernel/address-key.ts'
import { isInRange, type AddressRange } from '../kernel/address-range.ts'

export interface ConnectionLimits { readonly all: number; readonly perAddress: number; readonly proxies: readonly AddressRange[] }

/** Ends connections beyond those that the server, or one address, may have open (NET-5). A listed proxy stands for many, and is held by the first limit alone. */
export function limitConnections(server: Server, { all, perAddress, proxies }: ConnectionLimits): void {
  const open = new Map<string, number>()
  server.maxConnections = all
  server.on('connection', (socket) => {
    const peer = socket.remoteAddress
    if (peer === undefined || proxies.some((range) => isInRange(peer, range))) return
    const key = addressKey(peer)
    const beside = open.get(key) ?? 0
    if (beside >= perAddress) { socket.destroy(); return }
    open.set(key, beside + 1)
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1
      if (left === 0) open.delete(key)
      else open.set(key, left)
    })
  })
}
