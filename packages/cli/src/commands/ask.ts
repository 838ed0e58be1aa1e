import { randomBytes } from 'node:crypto'
import type { Notice, TurnEvent } from '@sallyport/contract'
import { findLocalServer, openThrowAwayServer, readConfig, type Config } from '@sallyport/server/ops'
import type { Command } from 'commander'
import { createClient, Refusal, type Client } from '../client.ts'
import { connectRemotely, Mistake, type Connection } from '../connect.ts'
import { forTerminal } from '../print.ts'

type Ending = Extract<TurnEvent, { name: 'turn-end' }>['data']
interface AskOptions { readonly json?: true; readonly model?: string; readonly server?: string }

/** A server to ask. One that is kept has its limits and budgets count the question, and keeps no conversation of it. */
interface Asked extends Connection { readonly isKept: boolean }

/**
 * One turn through the whole pipeline, streamed to the terminal: of the server at `--server`, else of the one that runs over this data
 * directory, else in this process over a throw-away data directory. Ends quietly when its reader has enough.
 */
export const ask = (program: Command) => program
  .argument('<question...>', 'what to ask')
  .option('--model <id>', 'which model answers; the built-in assistant when left out')
  .action(async (words: readonly string[], _own: unknown, command: Command) => {
    const options: AskOptions = command.optsWithGlobals()
    const question = words.join(' ')
    if (question.trim() === '') throw new Mistake('Give a question: npm run ask -- "How do I make an API key?"')
    const asked = options.server === undefined ? await connectLocally() : { ...connectRemotely(options.server), isKept: true }
    try {
      await run(asked, question, options)
    } finally {
      await asked.close()
    }
  })

async function connectLocally(): Promise<Asked> {
  const config = await readConfig()
  const running = await findLocalServer(config)
  if (running !== null) {
    const client = createClient(running)
    if (await hasOwner(client)) return { client, close: running.close, isKept: true }
  }
  const why = running === null ? 'No server runs over this data directory' : 'The server that runs over this data directory has no account yet'
  process.stderr.write(`${why}: a throw-away one answers, outside of limits and budgets.\n`)
  return openThrowAway(config)
}

const hasOwner = (client: Client): Promise<boolean> => client.call('listModels').then(() => true, (error: unknown) => {
  if (error instanceof Refusal && error.problem.code === 'not-signed-in') return false
  throw error
})

async function openThrowAway(config: Config): Promise<Asked> {
  const server = await openThrowAwayServer(config)
  const client = createClient({ socketPath: server.socketPath })
  if (server.setupToken === null) throw new Error('A new data directory already has an owner.')
  await client.call('createOwner', { body: { token: server.setupToken.reveal(), email: 'ask@example.invalid', name: 'Ask', password: randomBytes(24).toString('base64url') } })
  return { client, close: server.close, isKept: false }
}

async function run({ client, isKept }: Asked, question: string, { json, model, server }: AskOptions): Promise<void> {
  const chosen = model ?? (server === undefined ? 'sallyport/library' : undefined)
  const reader = watchReader()
  const conversation = await client.call('createConversation', { body: {} })
  try {
    const body = { text: question, ...(chosen !== undefined && { model: chosen }) }
    let questionNotices: readonly Notice[] = []
    let ending: Ending | undefined
    for await (const event of client.events('createTurn', { params: { conversationId: conversation.id }, body })) {
      if (reader.isGone) return
      if (event.name === 'text-delta' && json === undefined) process.stdout.write(forTerminal(event.data.text))
      if (event.name === 'turn-start') questionNotices = event.data.question?.notices ?? []
      if (event.name === 'turn-end') ending = event.data
    }
    printEnding(ending, { question, questionNotices, json: json === true })
  } finally {
    if (isKept) await client.call('deleteConversation', { params: { conversationId: conversation.id } })
  }
}

/** Whoever reads what is printed may have enough of it, as in `ask … | head -1`. That is no failure. */
function watchReader(): { isGone: boolean } {
  const reader = { isGone: false }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    reader.isGone = true
  })
  return reader
}

interface Told { readonly question: string; readonly questionNotices: readonly Notice[]; readonly json: boolean }

function printEnding(ending: Ending | undefined, { question, questionNotices, json }: Told): void {
  const answer = ending?.answer
  if (ending === undefined || answer === null || answer === undefined) throw new Error('The answer ended before it was whole. Try again.')
  if (json) {
    const { text, citations, notices, model: answered } = answer
    process.stdout.write(`${JSON.stringify({ question, answer: text, model: answered, status: ending.status, citations, notices: [...questionNotices, ...notices], usage: ending.usage })}\n`)
  } else {
    const sources = answer.citations.map(({ number, title, heading }) => `  [${number}] ${title}${heading === '' ? '' : ` - ${heading}`}`)
    process.stdout.write(`\n${sources.length === 0 ? '' : `\nSources\n${forTerminal(sources.join('\n'))}\n`}`)
  }
  if (ending.status !== 'complete') throw new Error(`The answer ended as "${ending.status}".`)
}
