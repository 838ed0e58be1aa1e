import type { Target } from './load-protocol.ts'
import type { Peer } from './peer.ts'

/** About 0.6 KB of plain prose as a client sends it. */
const messages = [
  { role: 'system', content: 'You answer in plain words for people who keep an old harbour town running. Keep it short, name what you are not sure of, and never make up a date, a price or a name.' },
  { role: 'user', content: 'We are planning the winter work on the north mole. Last year the storms took some of the facing stones and the walkway had to be closed for most of a month. Which parts should be looked at before the first gales, and in what order would you do the work if only two people and one small boat can be spared for it?' },
]

export interface Ask { readonly model: string; readonly stream: boolean }

/** The body of a chat completion through a peer. The upstream's answer hangs on the model's name alone. */
export const bodyFor = (peer: Peer, { model, stream }: Ask): Readonly<Record<string, unknown>> => ({
  model: peer.model(model), messages, temperature: 0.2, max_tokens: 400,
  ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
})

/** The same as prepared bytes for the load generator. */
export const targetFor = (peer: Peer, ask: Ask): Target => ({
  port: peer.port, body: JSON.stringify(bodyFor(peer, ask)),
  head: `${[
    'POST /v1/chat/completions HTTP/1.1', `host: 127.0.0.1:${peer.port}`, 'connection: keep-alive', 'accept: application/json', 'content-type: application/json', 'user-agent: sallyport-bench',
    ...Object.entries({ authorization: 'Bearer sk-bench-upstream', ...peer.headers }).map(([name, value]) => `${name}: ${value}`),
  ].join('\r\n')}\r\n`,
})
