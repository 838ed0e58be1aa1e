/** The checksum of payment cards and of several national ids (ISO/IEC 7812-1, annex B). `digits` holds nothing but digits. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let index = digits.length - 1, double = false; index >= 0; index -= 1, double = !double) {
    const value = digits.charCodeAt(index) - 48
    sum += double ? (value > 4 ? value * 2 - 9 : value * 2) : value
  }
  return digits.length > 0 && sum % 10 === 0
}
