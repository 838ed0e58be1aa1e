import type { FoundSpan, Scan } from './detector.ts'
import { Reader } from './reader.ts'

/** What a reader found from where it began. */
export type Found = Omit<FoundSpan, 'start'>
/** Reads a candidate from its beginning; null: it is none. */
export type Read = (reader: Reader) => Found | null

/**
 * Scans for what is read forward from its beginning and is no longer than `longest`: at each place that `begins` gives a way to read it, it is
 * read. In a stream the scan stops before a candidate that more text may change, and goes on behind each that was found.
 */
export function scanWords({ text, from, final, found }: Scan, longest: number, begins: (text: string, index: number) => Read | null): number {
  for (let index = from; index < text.length; index += 1) {
    const read = begins(text, index)
    if (read === null) continue
    const reader = new Reader(text, index, longest)
    const candidate = read(reader)
    if (reader.wantsMore && !final) return index
    if (candidate === null) continue
    found({ start: index, ...candidate })
    index = candidate.end - 1
  }
  return text.length
}
