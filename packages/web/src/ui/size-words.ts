const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'].map((unit) => new Intl.NumberFormat(undefined, { style: 'unit', unit, maximumSignificantDigits: 3 }))

/** So many bytes, in the reader's own form and the unit that fits. */
export function sizeWords(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return units[power]?.format(bytes / 1_000 ** power) ?? ''
}
