import { isCalendarDay, isShortDay } from '../core/calendar.ts'
import { passesLuhn } from '../core/luhn.ts'

/** One country's number: how it is written, what proves it, and what announces it. */
export interface NationalId {
  readonly country: string
  readonly name: string
  /** Digits as 9, letters as A. */
  readonly shapes: readonly string[]
  /** Checksum, range and date over digits and capitals. */
  readonly passes: (compact: string) => boolean
  /** Words before the number; without `alone`, one of them must stand there. */
  readonly announced: RegExp
  /** Shapes so telling, with the checksum, that no word is needed. */
  readonly alone?: readonly string[]
}

const digitsOf = (compact: string): number[] => [...compact].map(Number)
/** The sum of the digits, each times its weight. */
function weighted(compact: string, weights: readonly number[]): number {
  let sum = 0
  for (let index = 0; index < weights.length && index < compact.length; index += 1) sum += (compact.charCodeAt(index) - 48) * (weights[index] ?? 0)
  return sum
}
const number = (compact: string, start: number, end: number): number => Number(compact.slice(start, end))

/** Remainder of a long decimal number. */
export function remainder(digits: string, divisor: number): number {
  let rest = 0
  for (const character of digits) rest = (rest * 10 + Number(character)) % divisor
  return rest
}

const dihedral = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
const turned = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7], [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1], [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8]]

/** Verhoeff's checksum, as in Aadhaar. */
function passesVerhoeff(compact: string): boolean {
  let check = 0
  for (let index = compact.length - 1, place = 0; index >= 0; index -= 1, place += 1) check = dihedral[check]?.[turned[place % 8]?.[compact.charCodeAt(index) - 48] ?? 0] ?? 0
  return check === 0
}

/** ISO/IEC 7064 MOD 11,10, as in Germany and Croatia. */
function passesMod1110(compact: string): boolean {
  let product = 10
  for (const value of digitsOf(compact.slice(0, -1))) {
    const sum = (value + product) % 10 || 10
    product = (sum * 2) % 11
  }
  return (11 - product) % 10 === Number(compact.at(-1))
}

const notAllSame = (compact: string): boolean => !/^(.)\1+$/.test(compact)

function passesCpf(compact: string): boolean {
  const check = (length: number): number => {
    const rest = (weighted(compact.slice(0, length), Array.from({ length }, (_, index) => length + 1 - index)) * 10) % 11
    return rest === 10 ? 0 : rest
  }
  return notAllSame(compact) && check(9) === Number(compact[9]) && check(10) === Number(compact[10])
}

function passesCnpj(compact: string): boolean {
  const weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
  const check = (length: number): number => {
    const rest = weighted(compact.slice(0, length), weights.slice(13 - length)) % 11
    return rest < 2 ? 0 : 11 - rest
  }
  return notAllSame(compact) && check(12) === Number(compact[12]) && check(13) === Number(compact[13])
}

function passesGermanTax(compact: string): boolean {
  const counts = new Map<string, number>()
  for (const character of compact.slice(0, 10)) counts.set(character, (counts.get(character) ?? 0) + 1)
  const repeated = [...counts.values()].filter((count) => count > 1)
  return compact[0] !== '0' && repeated.length === 1 && (repeated[0] ?? 0) <= 3 && passesMod1110(compact)
}

const oddValues: Readonly<Record<string, number>> = { 0: 1, 1: 0, 2: 5, 3: 7, 4: 9, 5: 13, 6: 15, 7: 17, 8: 19, 9: 21, A: 1, B: 0, C: 5, D: 7, E: 9, F: 13, G: 15, H: 17, I: 19, J: 21, K: 2, L: 4, M: 18, N: 20, O: 11, P: 3, Q: 6, R: 8, S: 12, T: 14, U: 16, V: 10, W: 22, X: 25, Y: 24, Z: 23 }

function passesCodiceFiscale(compact: string): boolean {
  let sum = 0
  for (let index = 0; index < 15; index += 1) {
    const character = compact[index] ?? ''
    sum += index % 2 === 0 ? (oddValues[character] ?? 0) : /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65
  }
  return 'ABCDEHLMPRST'.includes(compact[8] ?? '?') && String.fromCharCode(65 + (sum % 26)) === compact[15]
}

function passesNir(compact: string): boolean {
  const month = number(compact, 3, 5)
  return /^[12]/.test(compact) && ((month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50) && 97 - remainder(compact.slice(0, 13), 97) === number(compact, 13, 15)
}

function passesBelgian(compact: string): boolean {
  const check = number(compact, 9, 11)
  const base = compact.slice(0, 9)
  return number(compact, 2, 4) <= 12 && number(compact, 4, 6) <= 31 && (97 - remainder(base, 97) === check || 97 - remainder(`2${base}`, 97) === check)
}

function passesPesel(compact: string): boolean {
  const month = number(compact, 2, 4) % 20
  return month >= 1 && month <= 12 && number(compact, 4, 6) >= 1 && number(compact, 4, 6) <= 31 && (10 - (weighted(compact, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(compact[10])
}

const isSwedish = (compact: string): boolean => {
  const short = compact.slice(-10)
  const day = number(short, 4, 6)
  return isShortDay(number(short, 0, 2), number(short, 2, 4), day > 60 ? day - 60 : day) && passesLuhn(short)
}

function passesHetu(compact: string): boolean {
  const digits = compact.slice(0, 6) + compact.slice(-4, -1)
  return isShortDay(number(compact, 4, 6), number(compact, 2, 4), number(compact, 0, 2)) && '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(digits) % 31] === compact.at(-1)
}

const isDanish = (compact: string): boolean => isShortDay(number(compact, 4, 6), number(compact, 2, 4), number(compact, 0, 2))

function passesNorwegian(compact: string): boolean {
  const day = number(compact, 0, 2)
  const one = (11 - (weighted(compact, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11
  const two = (11 - (weighted(compact, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11
  return isShortDay(number(compact, 4, 6), number(compact, 2, 4) % 40, day > 40 ? day - 40 : day) && one === Number(compact[9]) && two === Number(compact[10])
}

const passesChinese = (compact: string): boolean => isCalendarDay(number(compact, 6, 10), number(compact, 10, 12), number(compact, 12, 14)) && /^[1-8]\d{16}[\dX]$/.test(compact) && '10X98765432'[weighted(compact.slice(0, 17), [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === compact[17]

const passesKorean = (compact: string): boolean => isShortDay(number(compact, 0, 2), number(compact, 2, 4), number(compact, 4, 6)) && /^\d{6}[1-8]/.test(compact)

function passesTurkish(compact: string): boolean {
  const values = digitsOf(compact)
  const at = (index: number): number => values[index] ?? 0
  const odd = at(0) + at(2) + at(4) + at(6) + at(8)
  const even = at(1) + at(3) + at(5) + at(7)
  return at(0) !== 0 && (((odd * 7 - even) % 10) + 10) % 10 === at(9) && (odd + even + at(9)) % 10 === at(10)
}

const passesSouthAfrican = (compact: string): boolean => isShortDay(number(compact, 0, 2), number(compact, 2, 4), number(compact, 4, 6)) && /^\d{10}[01]/.test(compact) && passesLuhn(compact)

const passesRomanian = (compact: string): boolean => {
  const rest = weighted(compact, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
  return /^[1-9]/.test(compact) && isShortDay(number(compact, 1, 3), number(compact, 3, 5), number(compact, 5, 7)) && (rest === 10 ? 1 : rest) === Number(compact[12])
}

const passesCzech = (compact: string): boolean => isShortDay(number(compact, 0, 2), number(compact, 2, 4) % 50 % 20, number(compact, 4, 6)) && (compact.length === 9 || remainder(compact, 11) === 0 || remainder(compact.slice(0, 9), 11) === 10)

const passesEan13 = (compact: string): boolean => compact.startsWith('756') && (10 - (weighted(compact, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10)) % 10 === Number(compact[12])

const spanishLetters = 'TRWAGMYFPDXBNJZSQVHLCKE'
const passesNif = (compact: string): boolean => {
  const digits = compact.replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter))).slice(0, -1)
  return /^\d{8}$/.test(digits) && spanishLetters[Number(digits) % 23] === compact.at(-1)
}

const passesChilean = (compact: string): boolean => {
  const body = compact.slice(0, -1)
  const sum = [...body].reverse().reduce((total, character, index) => total + Number(character) * ((index % 6) + 2), 0)
  return /^\d{7,8}$/.test(body) && '0K987654321'[sum % 11 === 0 ? 0 : sum % 11] === compact.at(-1)
}

const passesCuit = (compact: string): boolean => /^(?:20|23|24|27|30|33|34)/.test(compact) && (11 - (weighted(compact, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(compact[10])

function passesNric(compact: string): boolean {
  const sum = weighted(compact.slice(1, 8), [2, 7, 6, 5, 4, 3, 2])
  const prefix = compact[0] ?? ''
  const offset = prefix === 'T' || prefix === 'G' ? 4 : prefix === 'M' ? 3 : 0
  const letters = prefix === 'S' || prefix === 'T' ? 'JZIHGFEDCBA' : prefix === 'M' ? 'KLJNPQRTUWX' : 'XWUTRQPNMLK'
  return /^[STFGM]/.test(prefix) && (prefix === 'M' ? letters[10 - ((sum + offset) % 11)] : letters[(sum + offset) % 11]) === compact[8]
}

const passesPps = (compact: string): boolean => 'WABCDEFGHIJKLMNOPQRSTUV'[(weighted(compact.slice(0, 7), [8, 7, 6, 5, 4, 3, 2]) + (compact.length === 9 ? (compact.charCodeAt(8) - 64) * 9 : 0)) % 23] === compact[7]

const passesCurp = (compact: string): boolean => {
  const alphabet = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ'
  let sum = 0
  for (let index = 0; index < 17; index += 1) sum += alphabet.indexOf(compact[index] ?? '') * (18 - index)
  return /^[A-Z]{4}\d{6}[HMX][A-Z]{5}/.test(compact) && (10 - (sum % 10)) % 10 === Number(compact[17])
}

const passesNino = (compact: string): boolean => /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(compact)
const passesNhs = (compact: string): boolean => (11 - (weighted(compact, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(compact[9])
const passesEleven = (compact: string): boolean => notAllSame(compact) && (weighted(compact, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0)
const passesPortuguese = (compact: string): boolean => {
  const rest = weighted(compact, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
  return /^[1235689]/.test(compact) && (rest < 2 ? 0 : 11 - rest) === Number(compact[8])
}
const passesTfn = (compact: string): boolean => weighted(compact, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0
const passesMyNumber = (compact: string): boolean => {
  const rest = weighted(compact, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return (rest <= 1 ? 0 : 11 - rest) === Number(compact[11])
}
const passesBulgarian = (compact: string): boolean => (weighted(compact, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === Number(compact[9]) && isShortDay(number(compact, 0, 2), number(compact, 2, 4) % 20, number(compact, 4, 6))
const passesAustrian = (compact: string): boolean => weighted(compact, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === Number(compact[3]) && number(compact, 4, 6) <= 31

/** Numbers of thirty-odd countries; one row each. */
export const nationalIds: readonly NationalId[] = [
  { country: 'ES', name: 'NIF or NIE', shapes: ['99999999A', '99999999-A', 'A9999999A', 'A-9999999-A', '99.999.999-A', '99.999.999A', '99999999 A', 'A9999999-A'], passes: passesNif, announced: /dni|nif|nie|documento|identidad/, alone: ['99999999A', '99999999-A', 'A9999999A', 'A-9999999-A', '99.999.999-A'] },
  { country: 'IT', name: 'codice fiscale', shapes: ['AAAAAA99A99A999A', 'AAA AAA 99A99 A999A'], passes: passesCodiceFiscale, announced: /codice|fiscale|c\.?f\.?/, alone: ['AAAAAA99A99A999A', 'AAA AAA 99A99 A999A'] },
  { country: 'FR', name: 'NIR', shapes: ['999999999999999', '9 99 99 99 999 999 99', '9999999999999 99'], passes: passesNir, announced: /sécu|secu|nir\b|insee|s[ée]curit/, alone: ['999999999999999', '9 99 99 99 999 999 99', '9999999999999 99'] },
  { country: 'DE', name: 'Steuer-ID', shapes: ['99999999999', '99 999 999 999'], passes: passesGermanTax, announced: /steuer|idnr|tin\b|tax/ },
  { country: 'DE', name: 'Rentenversicherungsnummer', shapes: ['99999999A999', '99 999999 A 999', '99 999999A999'], passes: (compact) => number(compact, 2, 4) <= 31 && number(compact, 4, 6) <= 12, announced: /rente|versicherung|svnr|sozial|rvnr/ },
  { country: 'GB', name: 'National Insurance number', shapes: ['AA999999A', 'AA 99 99 99 A', 'AA 999999 A', 'AA-99-99-99-A', 'AA 999999A'], passes: passesNino, announced: /insurance|nino?\b|ni number/, alone: ['AA999999A', 'AA 99 99 99 A', 'AA-99-99-99-A', 'AA 999999 A'] },
  { country: 'GB', name: 'NHS number', shapes: ['9999999999', '999 999 9999', '999-999-9999'], passes: passesNhs, announced: /nhs/ },
  { country: 'NL', name: 'BSN', shapes: ['999999999', '9999 99 999', '9999.99.999'], passes: passesEleven, announced: /bsn|burgerservice|sofi/ },
  { country: 'BE', name: 'rijksregisternummer', shapes: ['99999999999', '99.99.99-999.99', '99.99.99.999.99', '99 99 99 999 99'], passes: passesBelgian, announced: /rijksregister|registre|insz|niss|national/, alone: ['99.99.99-999.99'] },
  { country: 'PL', name: 'PESEL', shapes: ['99999999999'], passes: passesPesel, announced: /pesel/ },
  { country: 'SE', name: 'personnummer', shapes: ['999999-9999', '99999999-9999', '9999999999', '999999999999'], passes: isSwedish, announced: /person(?:nummer|nr)|pnr|samordning/, alone: ['999999-9999', '99999999-9999'] },
  { country: 'FI', name: 'henkilötunnus', shapes: ['999999-999A', '999999-9999', '999999A999A', '999999A9999'], passes: passesHetu, announced: /hetu|henkil|sotu/, alone: ['999999-999A', '999999A999A'] },
  { country: 'DK', name: 'CPR', shapes: ['999999-9999', '9999999999'], passes: isDanish, announced: /cpr|personnummer/ },
  { country: 'NO', name: 'fødselsnummer', shapes: ['99999999999', '999999 99999'], passes: passesNorwegian, announced: /f[øo]dsel|personnummer|fnr/ },
  { country: 'PT', name: 'NIF', shapes: ['999999999', '999 999 999'], passes: passesPortuguese, announced: /nif|contribuinte|fiscal/ },
  { country: 'IE', name: 'PPS', shapes: ['9999999A', '9999999AA'], passes: passesPps, announced: /pps/ },
  { country: 'CH', name: 'AHV', shapes: ['999.9999.9999.99', '9999999999999', '999 9999 9999 99'], passes: passesEan13, announced: /ahv|avs|sozial|social/, alone: ['999.9999.9999.99'] },
  { country: 'AT', name: 'SVNR', shapes: ['9999 999999', '9999999999', '9999-999999'], passes: passesAustrian, announced: /svnr|sozialversicherung|versicherungsnummer|sv-nummer/ },
  { country: 'RO', name: 'CNP', shapes: ['9999999999999'], passes: passesRomanian, announced: /cnp|cod numeric/, alone: ['9999999999999'] },
  { country: 'BG', name: 'EGN', shapes: ['9999999999'], passes: passesBulgarian, announced: /egn|егн/ },
  { country: 'CZ', name: 'rodné číslo', shapes: ['999999/9999', '999999/999', '9999999999'], passes: passesCzech, announced: /rodn[éeý]|r\.?č/, alone: ['999999/9999'] },
  { country: 'HR', name: 'OIB', shapes: ['99999999999'], passes: passesMod1110, announced: /oib/ },
  { country: 'TR', name: 'T.C. kimlik', shapes: ['99999999999'], passes: passesTurkish, announced: /kimlik|tckn|t\.?c\.? ?(?:no|kimlik)/ },
  { country: 'IL', name: 'teudat zehut', shapes: ['999999999', '99999999-9'], passes: passesLuhn, announced: /teudat|zehut|israeli? id|ת\.?ז/ },
  { country: 'ZA', name: 'ID number', shapes: ['9999999999999', '999999 9999 999'], passes: passesSouthAfrican, announced: /\bid\b|identity|south afric/, alone: ['9999999999999', '999999 9999 999'] },
  { country: 'CA', name: 'SIN', shapes: ['999-999-999', '999 999 999', '999999999'], passes: (compact) => /^[1-79]/.test(compact) && passesLuhn(compact), announced: /\bsin\b|social insurance|assurance sociale|\bnas\b/ },
  { country: 'BR', name: 'CPF', shapes: ['999.999.999-99', '99999999999', '999.999.99999'], passes: passesCpf, announced: /cpf|cadastro/, alone: ['999.999.999-99'] },
  { country: 'BR', name: 'CNPJ', shapes: ['99.999.999/9999-99', '99999999999999'], passes: passesCnpj, announced: /cnpj/, alone: ['99.999.999/9999-99'] },
  { country: 'MX', name: 'CURP', shapes: ['AAAA999999AAAAAAA9', 'AAAA999999AAAAAA99'], passes: passesCurp, announced: /curp/, alone: ['AAAA999999AAAAAAA9', 'AAAA999999AAAAAA99'] },
  { country: 'AR', name: 'CUIT or CUIL', shapes: ['99-99999999-9', '99999999999'], passes: passesCuit, announced: /cui[tl]/, alone: ['99-99999999-9'] },
  { country: 'CL', name: 'RUT', shapes: ['99.999.999-9', '9.999.999-9', '99.999.999-A', '9.999.999-A', '99999999-9', '9999999-9', '99999999-A'], passes: passesChilean, announced: /\bru[tn]\b/, alone: ['99.999.999-9', '9.999.999-9', '99.999.999-A', '9.999.999-A'] },
  { country: 'CO', name: 'cédula', shapes: ['9.999.999.999', '99.999.999', '9999999999', '99999999'], passes: notAllSame, announced: /c[ée]dula|\bc\.?c\.? / },
  { country: 'IN', name: 'Aadhaar', shapes: ['9999 9999 9999', '9999-9999-9999', '999999999999'], passes: (compact) => compact.charCodeAt(0) > 49 && passesVerhoeff(compact), announced: /aadh?aar|uidai|आधार/, alone: ['9999 9999 9999', '9999-9999-9999'] },
  { country: 'IN', name: 'PAN', shapes: ['AAAAA9999A'], passes: (compact) => /^[A-Z]{3}[ABCFGHJLPT]/.test(compact), announced: /\bpan\b|permanent account/ },
  { country: 'CN', name: '身份证', shapes: ['999999999999999999', '99999999999999999A'], passes: passesChinese, announced: /身份|id card|resident/, alone: ['999999999999999999', '99999999999999999A'] },
  { country: 'KR', name: '주민등록번호', shapes: ['999999-9999999', '9999999999999'], passes: passesKorean, announced: /주민|resident|rrn/, alone: ['999999-9999999'] },
  { country: 'JP', name: 'My Number', shapes: ['9999 9999 9999', '999999999999', '9999-9999-9999'], passes: passesMyNumber, announced: /my ?number|マイナンバー|個人番号/ },
  { country: 'SG', name: 'NRIC or FIN', shapes: ['A9999999A'], passes: passesNric, announced: /nric|\bfin\b|identity/, alone: ['A9999999A'] },
  { country: 'AU', name: 'TFN', shapes: ['999 999 999', '999999999', '999-999-999'], passes: passesTfn, announced: /tfn|tax file/ },
  { country: 'TH', name: 'ID card', shapes: ['9-9999-99999-99-9', '9 9999 99999 99 9', '9999999999999'], passes: (compact) => (11 - (weighted(compact, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === Number(compact[12]), announced: /บัตร|ประชาชน|thai/, alone: ['9-9999-99999-99-9'] },
  { country: 'US', name: 'Medicare beneficiary', shapes: ['9AA9AA9AA99', '9A99A99AA99', '9AA9-AA9-AA99', '9A99-A99-AA99'], passes: (compact) => /^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y]{2}\d{2}$/.test(compact), announced: /medicare|mbi/ },
]
