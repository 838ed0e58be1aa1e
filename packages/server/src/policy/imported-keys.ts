const IMPORTED_CHARACTERS = 32
const IMPORTED = /^[\x21-\x7e]{32,512}$/
/** A value that is made of so few different characters was typed and not drawn. */
const DIFFERENT_CHARACTERS = 10

/** True when a text may be a key that was made elsewhere and imported (SEC-13): long enough to be unguessable. */
export const mayBeImported = (text: string): boolean => text.length >= IMPORTED_CHARACTERS && IMPORTED.test(text)

/** Why a value may not be imported; null when it may. Never repeats the value. */
export function importRefusal(value: string): string | null {
  if (value.length < IMPORTED_CHARACTERS) return 'it has fewer than 32 characters'
  if (!IMPORTED.test(value)) return 'it holds spaces or characters beyond ASCII, or has more than 512'
  return new Set(value).size < DIFFERENT_CHARACTERS ? 'it repeats a few characters and can be guessed' : null
}
