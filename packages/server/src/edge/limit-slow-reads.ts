import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** How far a client has come with what is written to it, and for how many seconds it has been there. */
interface Standstill { readonly taken: string; readonly seconds: number }

/**
 * Ends connections whose client has taken nothing, for so many seconds, of what is written to it (NET-5). A client that takes a little from
 * time to time keeps its connection, and so does a stream on which nothing waits. What a client sends does not count as taking.
 */
export function limitSlowReads(server: Server, seconds: number): void {
  const open = new Map<Socket, Standstill | null>()
  server.on('connection', (socket) => {
    open.set(socket, null)
    socket.once('close', () => { open.delete(socket) })
  })
  // One timer looks at all of them: a timer for each would have to be set again with every piece that is written.
  const timer = setInterval(() => {
    for (const [socket, before] of open) {
      const taken = takenOf(socket)
      const stood = taken !== null && before?.taken === taken ? before.seconds + 1 : 0
      if (stood >= seconds) socket.destroy()
      else open.set(socket, taken === null ? null : { taken, seconds: stood })
    }
  }, 1_000).unref()
  server.once('close', () => { clearInterval(timer) })
}

/** Tells two states of a connection apart exactly when its client took something between them. Null where nothing waits for the client. */
function takenOf(socket: Socket): string | null {
  if (socket.writableLength === 0) return null
  // Node counts a piece as written when all of it has left. What of a large one has left meanwhile is known to its handle alone.
  const handle: unknown = Reflect.get(socket, '_handle')
  const left: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : undefined
  return `${socket.bytesWritten - socket.writableLength} ${String(left)}`
}
