import type { DetectorType } from './detectors/registry.ts'
import type { Finding } from './finding.ts'
import { standInFor } from './stand-ins.ts'

/** One value and what stands in for it. Secret: it holds the value in clear, so keep the map sealed. */
export interface Pseudonym {
  readonly type: DetectorType
  readonly original: string
  readonly standIn: string
}

/** A conversation's pseudonyms, oldest first; plain data, to be kept and passed in again. */
export type PseudonymMap = readonly Pseudonym[]

export interface Pseudonymised {
  readonly text: string
  readonly map: PseudonymMap
}

const mostTurns = 2000

/**
 * Puts stand-ins in the place of the given findings. A value that the map knows gets the stand-in it had; a new one gets one
 * that occurs neither in the text nor in the map. `restore(result.text, result.map)` gives back the text exactly.
 */
export function pseudonymise(text: string, findings: readonly Finding[], map: PseudonymMap = []): Pseudonymised {
  const known = new Map(map.map((pseudonym) => [`${pseudonym.type} ${pseudonym.original}`, pseudonym]))
  const result = [...map]
  let written = ''
  let position = 0
  for (const finding of findings) {
    if (finding.start < position || finding.end <= finding.start) continue
    const original = text.slice(finding.start, finding.end)
    let pseudonym = known.get(`${finding.type} ${original}`)
    if (pseudonym === undefined || occursIn(text, pseudonym.standIn)) {
      pseudonym = { type: finding.type, original, standIn: freshStandIn(text, finding.type, result) }
      known.set(`${finding.type} ${original}`, pseudonym)
      result.push(pseudonym)
    }
    written += text.slice(position, finding.start) + pseudonym.standIn
    position = finding.end
  }
  return { text: written + text.slice(position), map: result }
}

const occursIn = (text: string, standIn: string): boolean => text.includes(standIn)

function freshStandIn(text: string, type: DetectorType, map: PseudonymMap): string {
  const first = map.filter((pseudonym) => pseudonym.type === type).length
  for (let turn = first; turn < first + mostTurns; turn += 1) {
    const standIn = standInFor(type, turn)
    if (!occursIn(text, standIn) && map.every((other) => !other.standIn.includes(standIn) && !standIn.includes(other.standIn) && !other.original.includes(standIn))) return standIn
  }
  let turn = mostTurns
  while (occursIn(text, `STAND_IN_${turn}_`) || map.some((other) => other.standIn.includes(`STAND_IN_${turn}_`))) turn += 1
  return `STAND_IN_${turn}_`
}

export interface RestoreOptions {
  /** The text is JSON, such as a tool call's arguments: values are escaped as they go into its strings. */
  readonly json?: boolean
}

/** Puts the values back in the place of their stand-ins. */
export function restore(text: string, map: PseudonymMap, options: RestoreOptions = {}): string {
  const restorer = createRestorer(map, options)
  return restorer.push(text) + restorer.end()
}

export interface Restorer {
  /** Takes the next piece of text; gives back what is sure by now. Holds back at most one stand-in's length. */
  push(chunk: string): string
  end(): string
}

/** Restores a text as it comes. However it is cut, the result is that of `restore` on the whole. */
export function createRestorer(map: PseudonymMap, options: RestoreOptions = {}): Restorer {
  const entries = toEntries(map, options.json === true)
  let held = ''
  const advance = (final: boolean): string => {
    let restored = ''
    let position = 0
    let plain = 0
    while (position < held.length) {
      const found = matchAt(entries, held, position)
      if (found === 'open' && !final) break
      if (found === null || found === 'open') {
        position += 1
        continue
      }
      restored += held.slice(plain, position) + found.value
      position += found.standIn.length
      plain = position
    }
    restored += held.slice(plain, position)
    held = held.slice(position)
    return restored
  }
  return {
    push(chunk) {
      held += chunk
      return advance(false)
    },
    end: () => advance(true),
  }
}

interface Entry {
  readonly standIn: string
  readonly value: string
}

/** Entries by the first character of their stand-ins, the longest first. */
function toEntries(map: PseudonymMap, json: boolean): Map<number, Entry[]> {
  const entries = new Map<number, Entry[]>()
  for (const { standIn, original } of [...map].sort((a, b) => b.standIn.length - a.standIn.length)) {
    const value = json ? JSON.stringify(original).slice(1, -1) : original
    entries.set(standIn.charCodeAt(0), [...(entries.get(standIn.charCodeAt(0)) ?? []), { standIn, value }])
  }
  return entries
}

function matchAt(entries: Map<number, Entry[]>, text: string, position: number): Entry | 'open' | null {
  const candidates = entries.get(text.charCodeAt(position))
  if (candidates === undefined) return null
  for (const entry of candidates) {
    if (text.startsWith(entry.standIn, position)) return entry
    if (text.length - position < entry.standIn.length && entry.standIn.startsWith(text.slice(position))) return 'open'
  }
  return null
}
