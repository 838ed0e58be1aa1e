/** The words of a field that takes several, with commas or spaces between them. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')
