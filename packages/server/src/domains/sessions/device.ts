import * as z from 'zod'
import { coarseAddress } from '../../kernel/address-range.ts'
import type { Caller } from '../../kernel/handler.ts'

/** What is kept of where a sign-in came from: enough to tell one's own devices apart, and no more. */
export const Device = z.strictObject({ browser: z.string(), system: z.string(), network: z.string() })
export type Device = z.output<typeof Device>

/** In this order: many browsers name others that they wish to be taken for. */
const browsers = [['Edg', 'Edge'], ['OPR/', 'Opera'], ['Vivaldi', 'Vivaldi'], ['SamsungBrowser', 'Samsung Internet'], ['Firefox', 'Firefox'], ['FxiOS', 'Firefox'], ['CriOS', 'Chrome'], ['Chromium', 'Chromium'], ['Chrome', 'Chrome'], ['Safari', 'Safari']] as const
const systems = [['Windows', 'Windows'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['CrOS', 'ChromeOS'], ['Mac OS X', 'macOS'], ['Macintosh', 'macOS'], ['Android', 'Android'], ['Linux', 'Linux']] as const

const PROGRAM = /^[A-Za-z][\w. -]{0,39}/

/** The device in words, from what a client says of itself. It may say anything: nothing but a list of devices reads this. */
export function describeDevice({ userAgent, address }: Pick<Caller, 'userAgent' | 'address'>): Device {
  const browser = browsers.find(([mark]) => userAgent.includes(mark))?.[1]
  const system = systems.find(([mark]) => userAgent.includes(mark))?.[1]
  return { browser: browser ?? PROGRAM.exec(userAgent)?.[0] ?? 'Unknown', system: system ?? 'Unknown', network: coarseAddress(address) }
}
