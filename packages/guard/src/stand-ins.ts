import type { DetectorType } from './detectors/registry.ts'
import { passesLuhn } from './core/luhn.ts'

const names = ['avery', 'blake', 'casey', 'devon', 'ellis', 'frankie', 'gray', 'harper', 'indigo', 'jules', 'kendall', 'logan', 'marlow', 'noel', 'oakley', 'parker', 'quinn', 'rowan', 'sage', 'tatum']
const letters = 'bcdfghjkmnpqrstvwxz'

/** Three letters that no other number has. */
const code = (turn: number): string => `${letters[Math.floor(turn / 361) % 19] ?? 'b'}${letters[Math.floor(turn / 19) % 19] ?? 'b'}${letters[turn % 19] ?? 'b'}`
const capitalised = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
const padded = (turn: number, width: number): string => String(turn).padStart(width, '0')

function cardNumber(turn: number): string {
  const body = `400000${padded(turn, 9)}`
  const check = Array.from({ length: 10 }, (_, digit) => digit).find((digit) => passesLuhn(`${body}${digit}`)) ?? 0
  return `${body}${check}`.replace(/(\d{4})(?=\d)/g, '$1 ')
}

/**
 * The `turn`-th stand-in of each type, from ranges that are set aside for examples and never issued (RFC 2606, 5737, 3849, 7042; area codes
 * with 555-01; social security area 900). All ASCII, of one length per type, and none needs escaping in JSON.
 */
const makers: Partial<Record<DetectorType, (turn: number) => string>> = {
  email: (turn) => `${names[turn % names.length] ?? 'avery'}.${code(turn)}@example.com`,
  phone: (turn) => `+1 ${200 + (Math.floor(turn / 100) % 700)}-555-01${padded(turn % 100, 2)}`,
  'payment-card': cardNumber,
  'us-ssn': (turn) => `900-00-${padded(turn % 10_000, 4)}`,
  'national-id': (turn) => `ID-00${padded(turn, 6)}-X`,
  iban: (turn) => `XX00TEST${padded(turn, 12)}`,
  'ip-address': (turn) => `203.0.113.${100 + (turn % 156)}`,
  'mac-address': (turn) => `00:00:5E:00:53:${(turn % 256).toString(16).toUpperCase().padStart(2, '0')}`,
  person: (turn) => `${capitalised(names[turn % names.length] ?? 'avery')} ${capitalised(code(turn))}son`,
  'postal-address': (turn) => `${padded(turn, 4)} Example Lane`,
  'date-of-birth': (turn) => `${1900 + (Math.floor(turn / 336) % 100)}-${padded((Math.floor(turn / 28) % 12) + 1, 2)}-${padded((turn % 28) + 1, 2)}`,
}

/** What stands in for the `turn`-th value of a type. Types without a natural form get a token that models keep as it is. */
export function standInFor(type: DetectorType, turn: number): string {
  return makers[type]?.(turn) ?? `${type.toUpperCase().replaceAll('-', '_')}_${padded(turn, 5)}`
}
