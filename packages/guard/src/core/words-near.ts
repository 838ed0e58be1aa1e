/**
 * The place of the last character before `start` that can be part of a word that announces something, or of the bracket
 * at which such a search stops; -1 when there is none within `reach`. Where only figures and separators stand, no
 * expression need be asked.
 */
export function lastWordBefore(text: string, start: number, reach: number): number {
  const lowest = Math.max(0, start - reach)
  for (let index = start - 1; index >= lowest; index -= 1) if (isOfWord(text.charCodeAt(index))) return index
  return -1
}

/** True for letters of any script, and for the brackets between them in the table. */
export const isOfWord = (code: number): boolean => code > 64
