/**
 * Fills raw key bytes with zeroes once they are wrapped or imported. What the garbage collector has copied, what was made of them on the way, and strings
 * stay until they are collected and written over: that cannot be promised in this language.
 */
export function wipe(...raw: readonly Uint8Array[]): void {
  for (const bytes of raw) bytes.fill(0)
}

/** The same bytes as a buffer, and not a copy of them. */
export const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
