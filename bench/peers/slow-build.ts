/**
 * The negative control: loaded before a server with `--import`, it makes that build slow, hungry and wrong, so that every figure
 * must fall short. Two milliseconds of processor time per request, a fifth of one per write, two seconds and 200 MB at
 * start, 8 MB per open response, and one word of each answer misspelt.
 */
import { Server, ServerResponse } from 'node:http'

const burn = (milliseconds: number): void => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

const misspell = (chunk: unknown): unknown => {
  const text = typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString() : null
  return text === null ? chunk : text.replace(/doors|harbour|deux/g, word => [...word].toReversed().join(''))
}

const held = [Buffer.alloc(200_000_000, 1)]
burn(2_000)

const wrap = (owner: object, name: string, before: (args: unknown[]) => unknown[]): void => {
  const original: unknown = Reflect.get(owner, name)
  if (typeof original !== 'function') throw new Error(`Node's http module has no ${name} to slow down.`)
  Reflect.defineProperty(owner, name, {
    writable: true, configurable: true,
    value(this: unknown, ...args: unknown[]): unknown { return Reflect.apply(original, this, before(args)) },
  })
}

wrap(Server.prototype, 'emit', args => {
  const [name, , response] = args
  if (name !== 'request' || !(response instanceof ServerResponse)) return args
  burn(2)
  const more = Buffer.alloc(8_000_000, 1)
  held.push(more)
  response.once('close', () => { held.splice(held.indexOf(more), 1) })
  return args
})
for (const name of ['write', 'end']) wrap(ServerResponse.prototype, name, ([chunk, ...rest]) => { burn(0.2); return [misspell(chunk), ...rest] })
