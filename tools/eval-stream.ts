import { createStreamGuard, inspect, redact, spanTypes } from '../packages/guard/src/index.ts'

export interface StreamFigures {
  readonly texts: number
  readonly cuts: number
  readonly different: number
  readonly leaked: number
  readonly longestProseDelay: number
}

const types = new Set(spanTypes)

/** Streams each text cut at every place in two, and character by character; compares with the whole. */
export function streamFigures(texts: readonly string[]): StreamFigures {
  let cuts = 0
  let different = 0
  let leaked = 0
  for (const text of texts) {
    const findings = inspect(text, { types })
    const whole = redact(text, findings, () => 'mask').text
    const secrets = findings.map((finding) => text.slice(finding.start, finding.end)).filter((value) => value.length > 5 && !whole.includes(value))
    for (let place = 0; place <= text.length; place += 1) {
      const streamed = place === text.length ? stream(text.split('')) : stream([text.slice(0, place), text.slice(place)])
      cuts += 1
      if (streamed !== whole) different += 1
      if (secrets.some((secret) => streamed.includes(secret))) leaked += 1
    }
  }
  return { texts: texts.length, cuts, different, leaked, longestProseDelay: proseDelay() }
}

function stream(chunks: readonly string[]): string {
  const guard = createStreamGuard({ types, actionOf: () => 'mask' })
  return chunks.map((chunk) => guard.push(chunk)).join('') + guard.end()
}

const prose = 'The garden was quiet in the early morning, and Maria talked about the weather for a while before she went on to the market. In March the two of them met an old friend, who told a long and unbelievably complicated story about his journey. '

function proseDelay(): number {
  const guard = createStreamGuard({ canary: 'CANARY-7f3a9c5e1b', actionOf: () => 'mask' })
  let cleared = 0
  let longest = 0
  for (let index = 0; index < prose.length * 4; index += 1) {
    cleared += guard.push(prose[index % prose.length] ?? '').length
    longest = Math.max(longest, index + 1 - cleared)
  }
  return longest
}
