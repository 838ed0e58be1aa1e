import type { EgressBody, EgressRequest, EgressResponse } from '../ports/egress.ts'

export interface Recording { readonly status?: number; readonly contentType: string; readonly chunks: readonly Uint8Array[] }

/** Plays an answer back, chunk by chunk, without a network. */
export function playBack({ status = 200, contentType, chunks }: Recording): (request: EgressRequest) => Promise<EgressResponse> {
  return () => {
    let next = 0
    const done = Promise.resolve({ done: true as const, value: undefined })
    const body: EgressBody = {
      [Symbol.asyncIterator]: () => body,
      next: () => {
        const value = chunks[next]
        next += 1
        return value === undefined ? done : Promise.resolve({ done: false, value })
      },
      return: () => { next = chunks.length; return done },
      throw: () => { next = chunks.length; return done },
    }
    return Promise.resolve({ status, headers: { 'content-type': contentType }, body })
  }
}

/** The bytes in two pieces, cut at each position. Every piece is a copy, as the network gives it. */
export function* cutEverywhere(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  for (let at = 0; at <= bytes.length; at += 1) yield [bytes.slice(0, at), bytes.slice(at)]
}

/** The bytes in pieces of one length. */
export const cutInto = (bytes: Uint8Array, length: number): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) => bytes.slice(index * length, (index + 1) * length))
