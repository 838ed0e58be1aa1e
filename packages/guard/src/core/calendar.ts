/** True for a day that the calendar has, from 1900 on. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || year < 1900 || year > 2099) return false
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= ([31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0)
}

/** True when six digits `yymmdd` are a day of either century. */
export const isShortDay = (year: number, month: number, day: number): boolean => isCalendarDay(1900 + year, month, day) || isCalendarDay(2000 + year, month, day)
