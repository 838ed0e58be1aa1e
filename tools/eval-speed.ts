import { inspect } from '../packages/guard/src/index.ts'

const english = 'The garden was quiet in the early morning, and the two neighbours talked about the weather for a while. Later they walked to the market, bought bread and apples, and met an old friend who told them a long story about his journey. '
const mixed = 'Сегодня хорошая погода, и мы идём на рынок за хлебом. 今天天气很好，我们去市场买东西。 วันนี้อากาศดีมาก เราไปตลาดกัน. La forêt était calme, et les élèves rêvaient. '
const hostile = ['1 ', '12 34 ', '(1)', '@a.', 'password=', 'a::', '00:', '-----BEGIN ', '://a:', 'sk-', 'ignore all previous instructions ', 'born 1 ', '+1 ', 'DE89 ', 'a1b2 ', 'i g ', 'key: 1a', '4111 1111 1111 1112 ', '\u200b', 'call 0171 ', '%41', 'QUJD']

export interface SpeedFigures {
  readonly asciiMicros: number
  readonly mixedMicros: number
  /** Time per kilobyte of a 100 KB text against that of 1 KB. */
  readonly growth: number
  readonly worst: { readonly text: string; readonly ratio: number }
}

const least = (run: () => void, rounds: number, times: number): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round += 1) {
    const start = process.hrtime.bigint()
    for (let time = 0; time < times; time += 1) run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / times)
  }
  return best
}

/** The best of several rounds, in microseconds: what the work costs when nothing else is running. */
export function speedFigures(): SpeedFigures {
  const kilobyte = english.repeat(5).slice(0, 1024)
  const script = mixed.repeat(12)
  let inUtf8 = 0
  let end = 0
  while (inUtf8 < 1024) inUtf8 += Buffer.byteLength(script[end++] ?? '')
  const mixedKilobyte = script.slice(0, end)
  least(() => inspect(kilobyte), 5, 300)
  const asciiMicros = least(() => inspect(kilobyte), 30, 100)
  const big = english.repeat(450).slice(0, 102_400)
  const growth = least(() => inspect(big), 12, 2) / 100 / asciiMicros
  least(() => inspect(mixedKilobyte), 5, 200)
  const mixedMicros = least(() => inspect(mixedKilobyte), 30, 100)
  let worst = { text: '', ratio: 0 }
  for (const piece of hostile) {
    const text = piece.repeat(1024).slice(0, 1024)
    const ratio = least(() => inspect(text), 8, 20) / asciiMicros
    if (ratio > worst.ratio) worst = { text: piece, ratio }
  }
  return { asciiMicros, mixedMicros, growth, worst }
}
