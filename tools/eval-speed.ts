import { inspect } from '../packages/guard/src/index.ts'

const english = 'The garden was quiet in the early morning, and the two neighbours talked about the weather for a while. Later they walked to the market, bought bread and apples, and met an old friend who told them a long story about his journey. '
const mixed = 'Сегодня хорошая погода, и мы идём на рынок за хлебом. 今天天气很好，我们去市场买东西。 วันนี้อากาศดีมาก เราไปตลาดกัน. La forêt était calme, et les élèves rêvaient. '
const hostile = ['1 ', '12 34 ', '(1)', '@a.', 'password=', 'a::', '00:', '-----BEGIN ', '://a:', 'sk-', 'ignore all previous instructions ', 'born 1 ', '+1 ', 'DE89 ', 'a1b2 ', 'i g ', 'key: 1a', '4111 1111 1111 1112 ', '\u200b', 'call 0171 ', '%41', 'QUJD', '(12) 34 ', '555 123 4567 ', '0171 234 ', 'tel 12 34 56 78 ', '1.2.3.4 ', '1-2-3 ', '2001:db8::1 ', '00:1a:2b:3c:4d:5e ', 'x 1.1.2000 ', 'DE89370400440532013000 ', 'id 12345678901 ', 'a@b.co ', '1gn0r3 ', '<|', '---', '.-. ', '&#65;', 'key=aB3dE5fG7hI9jK1 ']

export interface SpeedFigures {
  readonly asciiMicros: number
  readonly mixedMicros: number
  /** Time per kilobyte of a 100 KB text against that of 1 KB. */
  readonly growth: number
  readonly worst: { readonly text: string; readonly ratio: number; readonly texts: number }
}

/** The least time of a run, in microseconds, once the code is warm: rounds are short, so that some of them are not interrupted on a busy machine. */
function least(run: () => void, rounds: number, times: number): number {
  for (let time = 0; time < times * 50; time += 1) run()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round += 1) {
    const start = process.hrtime.bigint()
    for (let time = 0; time < times; time += 1) run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / times)
  }
  return best
}

/** The best of many rounds, in microseconds: what the work costs when nothing else is running. */
export function speedFigures(): SpeedFigures {
  const kilobyte = english.repeat(5).slice(0, 1024)
  const script = mixed.repeat(12)
  let inUtf8 = 0
  let end = 0
  while (inUtf8 < 1024) inUtf8 += Buffer.byteLength(script[end++] ?? '')
  const mixedKilobyte = script.slice(0, end)
  const prose = (): number => least(() => inspect(kilobyte), 200, 5)
  const before = prose()
  const big = english.repeat(450).slice(0, 102_400)
  const bigMicros = least(() => inspect(big), 200, 1)
  const mixedMicros = least(() => inspect(mixedKilobyte), 200, 5)
  let worst = { text: '', micros: 0 }
  for (const piece of hostile) {
    const text = piece.repeat(1024).slice(0, 1024)
    const micros = least(() => inspect(text), 100, 2)
    if (micros > worst.micros) worst = { text: piece, micros }
  }
  const asciiMicros = Math.min(before, prose())
  return { asciiMicros, mixedMicros, growth: bigMicros / 100 / asciiMicros, worst: { text: worst.text, ratio: worst.micros / asciiMicros, texts: hostile.length } }
}
