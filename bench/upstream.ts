/**
 * An OpenAI-compatible model server that costs as little as it can, so that what stands before it is what is measured.
 * The model's name chooses the answer: `bench-burst`, `bench-paced`, `bench-slow`, `bench-tools`, `bench-length`.
 */
import { createServer, type ServerResponse } from 'node:http'

const id = 'chatcmpl-B3n4Kq7Zt9WxLmYvR2cD5eF8'
const created = 1_763_000_000
const words = ('The gate has two doors and only one of them is open at a time so what goes out and what comes in can both be seen by '
  + 'the people who keep the house and nobody has to trust a stranger with the key to it or wonder about the weather').split(' ')
/** Fifty pieces in the manner of real tokens: the space comes first. */
export const pieces: readonly string[] = Array.from({ length: 50 }, (_, at) => `${at === 0 ? '' : ' '}${words[at % words.length]}${at === 49 ? '.' : ''}`)
const usage = { prompt_tokens: 118, completion_tokens: 50, total_tokens: 168 }

const event = (model: string, delta: unknown, finish: string | null): string =>
  `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, system_fingerprint: 'fp_bench', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`

const tools = [
  { role: 'assistant', content: null, tool_calls: [{ index: 0, id: 'call_harbour', type: 'function', function: { name: 'tide_at', arguments: '' } }] },
  ...['{"har', 'bour":"', 'Møre og ', 'Romsdal"}'].map(part => ({ tool_calls: [{ index: 0, function: { arguments: part } }] })),
  { tool_calls: [{ index: 1, id: 'call_clock', type: 'function', function: { name: 'clock', arguments: '' } }] },
  ...['{"zone"', ':"UTC"}'].map(part => ({ tool_calls: [{ index: 1, function: { arguments: part } }] })),
]
const cut = ['Zwei Türen', ' – 二つの', '扉', ', deux portes', ' 🚪🚪 and', ' then'].map(content => ({ content }))

interface Script { readonly deltas: readonly unknown[]; readonly finish: string; readonly everyMilliseconds: number }
const prose = pieces.map(content => ({ content }))
const scripts: Readonly<Record<string, Script>> = {
  'bench-burst': { deltas: [{ role: 'assistant', content: '' }, ...prose], finish: 'stop', everyMilliseconds: 0 },
  'bench-paced': { deltas: [{ role: 'assistant', content: '' }, ...prose], finish: 'stop', everyMilliseconds: 20 },
  'bench-slow': { deltas: [{ role: 'assistant', content: '' }, ...prose], finish: 'stop', everyMilliseconds: 400 },
  'bench-tools': { deltas: tools, finish: 'tool_calls', everyMilliseconds: 0 },
  'bench-length': { deltas: [{ role: 'assistant', content: '' }, ...cut], finish: 'length', everyMilliseconds: 0 },
}
export const modelNames = Object.keys(scripts)

const eventsOf = (model: string, script: Script): readonly Buffer[] => [
  ...script.deltas.map(delta => event(model, delta, null)),
  event(model, {}, script.finish),
  `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, system_fingerprint: 'fp_bench', choices: [], usage })}\n\n`,
  'data: [DONE]\n\n',
].map(text => Buffer.from(text))
const streams = new Map(Object.entries(scripts).map(([model, script]) => [model, eventsOf(model, script)]))

const wholeOf = (model: string, script: Script): Buffer => Buffer.from(JSON.stringify({
  id, object: 'chat.completion', created, model, system_fingerprint: 'fp_bench',
  choices: [{ index: 0, logprobs: null, finish_reason: script.finish, message: messageOf(script) }], usage,
}))
const messageOf = (script: Script): unknown => script.finish === 'tool_calls'
  ? { role: 'assistant', content: null, refusal: null, tool_calls: [
      { id: 'call_harbour', type: 'function', function: { name: 'tide_at', arguments: '{"harbour":"Møre og Romsdal"}' } },
      { id: 'call_clock', type: 'function', function: { name: 'clock', arguments: '{"zone":"UTC"}' } }] }
  : { role: 'assistant', refusal: null, content: script.finish === 'length' ? cut.map(part => part.content).join('') : pieces.join('') }
const wholes = new Map(Object.entries(scripts).map(([model, script]) => [model, wholeOf(model, script)]))
const models = Buffer.from(JSON.stringify({ object: 'list', data: modelNames.map(name => ({ id: name, object: 'model', created, owned_by: 'bench' })) }))

const whole = (response: ServerResponse, body: Buffer | undefined): void => {
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json', 'content-length': body?.length ?? 0 })
  response.end(body)
}

/** Every event is a chunk of its own on the wire, as a real server sends them. */
const stream = (response: ServerResponse, model: string): void => {
  const events = streams.get(model) ?? []
  const pause = scripts[model]?.everyMilliseconds ?? 0
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  if (pause === 0) {
    for (const each of events) response.write(each)
    response.end()
    return
  }
  let at = 2
  response.write(events[0])
  response.write(events[1])
  const timer = setInterval(() => {
    response.write(events[at])
    at += 1
    if (at < events.length - 2) return
    clearInterval(timer)
    for (const each of events.slice(at)) response.write(each)
    response.end()
  }, pause)
  response.on('close', () => clearInterval(timer))
}

const answer = (response: ServerResponse, path: string, body: string): void => {
  if (path.endsWith('/models')) return whole(response, models)
  const model = /"model":\s*"(bench-[a-z]+)"/.exec(body)?.[1] ?? ''
  if (!path.endsWith('/chat/completions') || !streams.has(model)) return whole(response, undefined)
  return /"stream":\s*true/.test(body) ? stream(response, model) : whole(response, wholes.get(model))
}

if (import.meta.main) {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const parts: string[] = []
    request.setEncoding('utf8')
    request.on('data', (part: string) => parts.push(part))
    request.on('end', () => answer(response, request.url ?? '', parts.join('')))
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address !== null) process.stdout.write(`listening ${address.port}\n`)
  })
}
