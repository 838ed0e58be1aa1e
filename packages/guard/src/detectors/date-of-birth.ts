import { anything, digit, isDigit, isWordlike } from '../core/characters.ts'
import { isCalendarDay } from '../core/calendar.ts'
import { type Scan, type SpanDetector, wordsBefore } from '../core/detector.ts'
import type { Figures } from '../core/figures.ts'
import { Stems, StemTrail } from '../core/stem-trail.ts'
import { monthBeginnings, monthNames } from './months.ts'

const longestDate = 40
const longestMonth = 12
const reach = 48

/** Words that say of the date after them that someone was born on it. */
const announced = /\b(?:born|birth ?-?(?:date|day)?|d\.?o\.?b\b|b-?day|birthdate|date_of_birth|dateofbirth|birth_date)|\bgeb(?:oren|urt\w*|\.)|\bn[ée]e?(?:\(e\))? le|\bnaissance|\bnaci(?:d[oa]|ó|miento)|\bnat[oa] il|\bnat[oa]\b|\bnascit\w*|\bnascid[oa]|\bnasciment\w*|\bgeboort\w*|f[øö]d(?:t|d|else\w*)|\burodz\w*|рожд|родил|doğum|syntym|生年月日|出生|생년월일|생일|تاريخ الميلاد|जन्म|วันเกิด|ngày sinh|tanggal lahir|lahir/
const stems = new Stems(['born', 'birth', 'dob', 'd.ob', 'do.b', 'd.o.b', 'bday', 'b-day', 'geboren', 'geburt', 'geb.', 'e le', ') le', 'naissance', 'naci', 'nato', 'nata', 'nasci', 'geboort', 'urodz', 'syntym', 'lahir'], 'éøöдğ生出생출خजกà')
const numeric = /^(?:(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/. ])(\d{1,2})\6(\d{4}|\d{2}))(?![\d/-])/
const dayFirst = /^(\d{1,2})(?:st|nd|rd|th|er|\.|º|°|-)?[ -]?(?:de |of |den )?(\p{L}{3,12})\.?,?[ -]?(?:de |del )?,? ?(\d{4})(?!\d)/u
const monthFirst = /^(\p{L}{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? ?(\d{4})(?!\d)/u
const eastAsian = /^(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]/

/** A date after words such as “born on”: no date is personal by itself. */
export const dateOfBirth = {
  type: 'date-of-birth',
  placeholder: 'DATE_OF_BIRTH',
  longest: longestDate,
  triggers: anything,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final, figures } = scan
    const trail = new StemTrail(stems, text)
    for (let run = figures.next(scan.from); run < figures.count;) {
      const index = figures.starts[run] ?? 0
      const word = figures.words[run] ?? -1
      run += 1
      if (word < 0 || word < index - reach - longestMonth - 2) continue
      const start = text.charCodeAt(index - 1) === 32 ? monthStart(text, index, scan.from) : index
      if (start > 0 && isWordlike(text.charCodeAt(start - 1))) continue
      const isOpen = start + longestDate > text.length && !final
      // Dates are rarer than figures behind words, and quicker to tell.
      if (!isOpen && !(start < index ? perhapsNamed(figures, run - 1) : perhapsDate(text, figures, run - 1))) continue
      if (!trail.isNear(start, reach)) continue
      const length = isOpen ? 0 : dateLength(text.slice(start, start + longestDate))
      if ((!isOpen && length === 0) || !announced.test(wordsBefore(text, start, reach))) continue
      if (isOpen) return start
      scan.found({ start, end: start + length, confidence: 0.93, reason: 'date, announced' })
      run = figures.next(start + length, run)
    }
    return final ? text.length : tailStart(text, scan.from)
  },
} as const satisfies SpanDetector

/** Whether the runs from here on are as long as a day and a year behind a month's name. */
function perhapsNamed(figures: Figures, run: number): boolean {
  const first = runLength(figures, run)
  return (first < 3 && runLength(figures, run + 1) === 4) || first === 5 || first === 6
}

/** Whether the lengths of the runs from here on, and what parts them, are those of a date. */
function perhapsDate(text: string, figures: Figures, run: number): boolean {
  const first = runLength(figures, run)
  if (first > 4 || first === 3) return false
  const stop = figures.ends[run] ?? 0
  const code = text.charCodeAt(stop)
  if (code > 127 || (code === 32 && text.charCodeAt(stop + 1) > 127)) return true
  const second = runLength(figures, run + 1)
  if (figures.starts[run + 1] !== stop + 1) return first < 3 && second === 4
  const next = figures.ends[run + 1] ?? 0
  if (second > 2 || figures.starts[run + 2] !== next + 1 || text.charCodeAt(next) !== code) return false
  const third = runLength(figures, run + 2)
  if (first === 4) return third === 1 || third === 2
  const one = twoDigits(text, stop - first, first)
  const two = twoDigits(text, stop + 1, second)
  return (third === 2 || third === 4) && one < 32 && two < 32 && (one < 13 || two < 13)
}

const twoDigits = (text: string, start: number, length: number): number => (length === 1 ? 0 : (text.charCodeAt(start) - 48) * 10) + text.charCodeAt(start + length - 1) - 48

const runLength = ({ starts, ends, count }: Figures, run: number): number => (run < count ? (ends[run] ?? 0) - (starts[run] ?? 0) : 0)

function dateLength(written: string): number {
  const east = written.charCodeAt(written.charCodeAt(4) === 32 ? 5 : 4) > 127 ? eastAsian.exec(written) : null
  if (east !== null) return isCalendarDay(Number(east[1]), Number(east[2]), Number(east[3])) ? east[0].length : 0
  const figures = numeric.exec(written)
  if (figures !== null) return isNumericDate(figures) ? figures[0].length : 0
  const days = dayFirst.exec(written)
  if (days !== null) return isNamedDate(days[2], days[1], days[3]) ? days[0].length : 0
  const months = monthFirst.exec(written)
  return months !== null && isNamedDate(months[1], months[2], months[3]) ? months[0].length : 0
}

function isNumericDate(figures: RegExpExecArray): boolean {
  if (figures[1] !== undefined) return isCalendarDay(Number(figures[1]), Number(figures[3]), Number(figures[4]))
  const year = Number(figures[8])
  const full = figures[8]?.length === 2 ? 1900 + year : year
  return isCalendarDay(full, Number(figures[7]), Number(figures[5])) || isCalendarDay(full, Number(figures[5]), Number(figures[7]))
}

const isNamedDate = (month: string | undefined, day: string | undefined, year: string | undefined): boolean => monthNames.has((month ?? '').toLowerCase()) && Number(day) >= 1 && Number(day) <= 31 && Number(year) >= 1900 && Number(year) < 2100

/** Where the month before a day begins: `March 3`; the day itself when no month stands there. */
function monthStart(text: string, at: number, floor: number): number {
  let end = at
  if (end - 1 >= floor && text.charCodeAt(end - 1) === 32) end -= 1
  else return at
  if (end - 1 >= floor && text.charCodeAt(end - 1) === 46) end -= 1
  let start = end
  if (start <= floor || !isWordlike(text.charCodeAt(start - 1))) return at
  while (start > floor && end - start <= longestMonth && isWordlike(text.charCodeAt(start - 1)) && !isDigit(text.charCodeAt(start - 1))) start -= 1
  return monthNames.has(text.slice(start, end).toLowerCase()) && !(start > 0 && isWordlike(text.charCodeAt(start - 1))) ? start : at
}

/** A month, or the beginning of one, at the end of a text that goes on. */
function tailStart(text: string, floor: number): number {
  let end = text.length
  if (end - 1 >= floor && text.charCodeAt(end - 1) === 32) end -= 1
  if (end - 1 >= floor && text.charCodeAt(end - 1) === 46) end -= 1
  let start = end
  while (start > floor && end - start <= longestMonth && isWordlike(text.charCodeAt(start - 1))) start -= 1
  if (start > 0 && isWordlike(text.charCodeAt(start - 1))) return text.length
  return start < end && monthBeginnings.has(text.slice(start, end).toLowerCase()) ? start : text.length
}
