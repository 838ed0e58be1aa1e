/** The load generator: a process of its own, told over IPC what to send. Loopback only. */
import { type Exchange, openConnection, type Connection } from './lib/exchange.ts'
import { LoadOrder, type LoadReport, type Target } from './lib/load-protocol.ts'

const requestOf = (target: Target): Buffer => Buffer.from(`${target.head}content-length: ${Buffer.byteLength(target.body)}\r\n\r\n${target.body}`)
const bad = (exchange: Exchange, streamed: boolean): boolean => exchange.status !== 200 || (streamed && !exchange.done)

const closedLoop = async (order: Extract<LoadOrder, { kind: 'closed-loop' }>): Promise<LoadReport> => {
  const request = requestOf(order.target)
  const milliseconds: number[] = []
  let failures = 0
  let refusal = ''
  const started = performance.now()
  const client = async (): Promise<void> => {
    const connection = openConnection(order.target.port)
    for (let sent = 0; performance.now() - started < order.milliseconds && sent < (order.perClient ?? Infinity); sent += 1) {
      const exchange = await connection.exchange(request)
      milliseconds.push(exchange.milliseconds)
      if (!bad(exchange, order.streamed)) continue
      failures += 1
      refusal = `${exchange.status} ${exchange.refusal.slice(0, 400)}`
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: order.clients }, client))
  return { requests: milliseconds.length, failures, refusal, seconds: (performance.now() - started) / 1_000, milliseconds, firstText: [] }
}

/** One request at a time, the targets taking turns, a rest of a few milliseconds between. */
const firstText = async (order: Extract<LoadOrder, { kind: 'first-text' }>): Promise<LoadReport> => {
  const targets = order.targets.map(target => ({ connection: openConnection(target.port), request: requestOf(target), times: new Array<number>() }))
  let failures = 0
  let refusal = ''
  const started = performance.now()
  for (let round = 0; round < order.rounds; round += 1) {
    for (let turn = 0; turn < targets.length; turn += 1) {
      const target = targets[(round + turn) % targets.length]
      if (target === undefined) continue
      const exchange = await target.connection.exchange(target.request)
      target.times.push(exchange.firstTextMilliseconds)
      if (bad(exchange, true)) {
        failures += 1
        refusal = `${exchange.status} ${exchange.refusal}`
      }
      await new Promise(resolve => setTimeout(resolve, 3))
    }
  }
  for (const target of targets) target.connection.close()
  return { requests: order.rounds * targets.length, failures, refusal, seconds: (performance.now() - started) / 1_000, milliseconds: [], firstText: targets.map(target => target.times) }
}

const held: Connection[] = []

/** Leaves streams open; reports as soon as each has shown its first bytes or two seconds have passed. */
const openStreams = async (order: Extract<LoadOrder, { kind: 'open-streams' }>): Promise<LoadReport> => {
  const request = requestOf(order.target)
  const started = performance.now()
  let failures = 0
  let refusal = ''
  for (let at = 0; at < order.streams; at += 1) {
    const connection = openConnection(order.target.port)
    held.push(connection)
    connection.exchange(request).then(
      exchange => { if (exchange.status !== 200) { failures += 1; refusal = `${exchange.status} ${exchange.refusal}` } },
      () => { /* closed by close-streams */ },
    )
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await new Promise(resolve => setTimeout(resolve, 2_000))
  return { requests: order.streams, failures, refusal, seconds: (performance.now() - started) / 1_000, milliseconds: [], firstText: [] }
}

const closeStreams = (): LoadReport => {
  for (const connection of held.splice(0)) connection.close()
  return { requests: 0, failures: 0, refusal: '', seconds: 0, milliseconds: [], firstText: [] }
}

const run = async (order: LoadOrder): Promise<LoadReport> => {
  if (order.kind === 'closed-loop') return await closedLoop(order)
  if (order.kind === 'first-text') return await firstText(order)
  return order.kind === 'open-streams' ? await openStreams(order) : closeStreams()
}

process.on('message', message => {
  run(LoadOrder.parse(message)).then(
    report => process.send?.(report),
    (error: unknown) => { process.stderr.write(`${String(error)}\n`); process.exit(1) },
  )
})
process.on('disconnect', () => process.exit(0))
