import type { EgressBody, EgressRequest, EgressResponse } from '../../../ports/egress.ts'
import { ProviderFailure, type ModelEvent, type ModelProviderDeps } from '../../../ports/model-provider.ts'
import { failureOfResponse, toThrown, type FailureContext } from './failures.ts'
import type { Frames } from './frames.ts'
import { invalidAnswer, parseObject, type JsonObject } from './json.ts'

const ERROR_BYTES = 65_536

/** Turns a vendor's frames into events. A `Frames` before it has cut the bytes. */
export interface AnswerDecoder {
  /** Takes one frame. True when the vendor says that it was the last. Throws `ProviderFailure`. */
  frame(data: string, events: ModelEvent[]): boolean
  /** Takes a whole answer. */
  whole(answer: JsonObject, events: ModelEvent[]): void
  /** The end of the answer: usage, or `ProviderFailure` where a finish is missing. */
  end(events: ModelEvent[]): void
}

export interface VendorCall { readonly request: EgressRequest; readonly failures: FailureContext; readonly fetchConfigured: ModelProviderDeps['fetchConfigured'] }
export interface StreamedCall extends VendorCall { readonly streamType: string; readonly createFrames: () => Frames; readonly decoder: AnswerDecoder }

/**
 * One completion. Follows what the vendor declares (`Content-Type`), not what was asked for: some answer whole where a stream was
 * asked for. An event that came before the failure is given before the throw, wherever the bytes were cut.
 */
export async function* streamAnswer(call: StreamedCall): AsyncGenerator<ModelEvent, void> {
  const { decoder } = call
  const events: ModelEvent[] = []
  let body: EgressBody | undefined
  try {
    const response = await openAnswer(call)
    body = response.body
    const mediaType = mediaTypeOf(response)
    if (mediaType === 'application/json') {
      decoder.whole(parseObject(await readText(body, Number.POSITIVE_INFINITY)), events)
    } else if (mediaType === call.streamType) {
      const frames = call.createFrames()
      for (let last = false; !last;) {
        const step = await body.next()
        const { failure, ended } = decodeChunk(step.done === true ? null : step.value, { frames, decoder, events })
        for (const event of events) yield event
        events.length = 0
        if (failure !== null) throw failure.error
        last = ended
      }
    } else throw invalidAnswer('its content type is neither JSON nor a stream')
    decoder.end(events)
    for (const event of events) yield event
  } catch (error) {
    await body?.throw()
    throw toThrown(error, call.request.signal)
  } finally { await body?.return() }
}

/** Null is the end of the bytes. */
function decodeChunk(chunk: Uint8Array | null, { frames, decoder, events }: { readonly frames: Frames; readonly decoder: AnswerDecoder; readonly events: ModelEvent[] }) {
  const ended: string[] = []
  let failure: { readonly error: unknown } | null = null
  try {
    if (chunk === null) frames.end(ended)
    else frames.feed(chunk, ended)
  } catch (error) { failure = { error } }
  try {
    for (const frame of ended) if (decoder.frame(frame, events)) return { failure: null, ended: true }
  } catch (error) { failure = { error } }
  return { failure, ended: chunk === null }
}

/** Sends a request whose answer is one JSON object, such as a list of models. Throws `ProviderFailure`, or the signal's reason. */
export async function fetchObject(call: VendorCall): Promise<JsonObject> {
  let body: EgressBody | undefined
  try {
    const response = await openAnswer(call)
    body = response.body
    return parseObject(await readText(body, Number.POSITIVE_INFINITY))
  } catch (error) {
    await body?.throw()
    throw toThrown(error, call.request.signal)
  }
}

async function openAnswer({ request, failures, fetchConfigured }: VendorCall): Promise<EgressResponse> {
  const response = await fetchConfigured(request)
  if (response.status !== 200) throw failureOfResponse({ status: response.status, headers: response.headers, body: await readErrorBody(response.body) }, failures)
  if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') {
    await response.body.throw()
    throw invalidAnswer('it is compressed, which was not asked for')
  }
  return response
}

const mediaTypeOf = ({ headers }: EgressResponse) => (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

async function readErrorBody(body: EgressBody): Promise<unknown> {
  try { return JSON.parse(await readText(body, ERROR_BYTES)) }
  catch { return null }
  finally { await body.throw() }
}

/** The whole body; `ProviderFailure` (`too-large`) above the limit. The egress path has a limit of its own. */
async function readText(body: EgressBody, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (let step = await body.next(); step.done !== true; step = await body.next()) {
    bytes += step.value.byteLength
    if (bytes > limitBytes) throw new ProviderFailure('too-large', `The answer is longer than ${limitBytes} bytes.`)
    chunks.push(step.value)
  }
  return Buffer.concat(chunks).toString('utf8')
}
