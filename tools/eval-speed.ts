import { inspect } from '../packages/guard/src/index.ts'

const english = 'The garden was quiet in the early morning, and the two neighbours talked about the weather for a while. Later they walked to the market, bought bread and apples, and met an old friend who told them a long story about his journey. '
const mixed = 'Сегодня хорошая погода, и мы идём на рынок за хлебом. 今天天气很好，我们去市场买东西。 วันนี้อากาศดีมาก เราไปตลาดกัน. La forêt était calme, et les élèves rêvaient. '
const hostile = ['1 ', '12 34 ', '(1)', '@a.', 'password=', 'a::', '00:', '-----BEGIN ', '://a:', 'sk-', 'ignore all previous instructions ', 'born 1 ', '+1 ', 'DE89 ', 'a1b2 ', 'i g ', 'key: 1a', '4111 1111 1111 1112 ', '\u200b', 'call 0171 ', '%41', 'QUJD', '(12) 34 ', '555 123 4567 ', '0171 234 ', 'tel 12 34 56 78 ', '1.2.3.4 ', '1-2-3 ', '2001:db8::1 ', '00:1a:2b:3c:4d:5e ', 'x 1.1.2000 ', 'DE89370400440532013000 ', 'id 12345678901 ', 'a@b.co ', '1gn0r3 ', '<|', '---', '.-. ', '&#65;', 'key=aB3dE5fG7hI9jK1 ', '-----BEGIN PRIVATE KEY-----\nMIIabc', 'AKIAIOSFODNN7EXAMPLQ ', 'token aB3dE5fG7hI9jK1mN ', 'pass:', 'pass:::::::::', 'key=key=', '1.1.2000key=key=', 'http://a:b@c.de ', '01.1.2000年key=a:b@pass:', '1.1.2000key=key=яb@c.de', 'xoxb-', 'sk-ant-', 's-\u200dxoxb-', '1.1.2000key=keyя.dxoxb-11.1.2000y=55 25key=', '--a--', "pass:'pass:\""]

export interface SpeedFigures {
  readonly asciiMicros: number
  readonly mixedMicros: number
  /** Time per kilobyte of a 100 KB text against that of 1 KB. */
  readonly growth: number
  readonly worst: { readonly text: string; readonly ratio: number; readonly texts: number }
}

/**
 * The least time of each run, in microseconds, once the code is warm. They take turns, so that a busy machine slows all of them down alike, and
 * rounds are short, so that some of them are not interrupted.
 */
function least(runs: readonly { readonly run: () => void; readonly times: number }[], rounds: number): number[] {
  for (const { run, times } of runs) for (let time = 0; time < times * 50; time += 1) run()
  const best = runs.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round += 1) {
    runs.forEach(({ run, times }, place) => {
      const start = process.hrtime.bigint()
      for (let time = 0; time < times; time += 1) run()
      best[place] = Math.min(best[place] ?? Number.POSITIVE_INFINITY, Number(process.hrtime.bigint() - start) / 1000 / times)
    })
  }
  return best
}

/** In one stretch of memory, as what comes with a request is. */
const flat = (text: string): string => Buffer.from(text).toString()
/** A kilobyte of a piece again and again. */
const kilobyteOf = (piece: string): string => flat(piece.repeat(1024).slice(0, 1024))

/** The best of many rounds: what the work costs when nothing else is running. */
export function speedFigures(): SpeedFigures {
  const kilobyte = kilobyteOf(english)
  const script = mixed.repeat(12)
  let inUtf8 = 0
  let end = 0
  while (inUtf8 < 1024) inUtf8 += Buffer.byteLength(script[end++] ?? '')
  const mixedKilobyte = flat(script.slice(0, end))
  const big = flat(english.repeat(450).slice(0, 102_400))
  const prose = { run: () => inspect(kilobyte), times: 5 }
  const [asciiMicros = 0, bigMicros = 0, mixedMicros = 0] = least([prose, { run: () => inspect(big), times: 1 }, { run: () => inspect(mixedKilobyte), times: 5 }], 400)
  let worst = { text: '', ratio: 0 }
  for (const piece of hostile) {
    const text = kilobyteOf(piece)
    const [micros = 0, ordinary = 1] = least([{ run: () => inspect(text), times: 2 }, prose], 100)
    if (micros / ordinary > worst.ratio) worst = { text: piece, ratio: micros / ordinary }
  }
  return { asciiMicros, mixedMicros, growth: bigMicros / 100 / asciiMicros, worst: { ...worst, texts: hostile.length } }
}
