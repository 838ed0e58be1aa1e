import { randomBytes } from 'node:crypto'
import type { Notice, TurnEvent } from '@sallyport/contract'
import { openThrowAwayServer, readConfig } from '@sallyport/server/ops'
import type { Command } from 'commander'
import { createClient, type Client } from '../client.ts'
import { connectRemotely, Mistake, type Connection } from '../connect.ts'
import { forTerminal } from '../print.ts'

interface AskOptions { readonly json?: true; readonly model?: string; readonly server?: string }

/** One turn through the whole pipeline, streamed to the terminal. Without `--server` that is in this process, over a throw-away data directory. */
export const ask = (program: Command) => program
  .argument('<question...>', 'what to ask')
  .option('--model <id>', 'which model answers; the built-in assistant when left out')
  .action(async (words: readonly string[], _own: unknown, command: Command) => {
    const options: AskOptions = command.optsWithGlobals()
    const question = words.join(' ')
    if (question.trim() === '') throw new Mistake('Give a question: npm run ask -- "How do I make an API key?"')
    const { client, close } = options.server === undefined ? await openThrowAway() : connectRemotely(options.server)
    try {
      await run(client, question, options)
    } finally {
      await close()
    }
  })

async function openThrowAway(): Promise<Connection> {
  const server = await openThrowAwayServer(await readConfig())
  const client = createClient({ socketPath: server.socketPath })
  if (server.setupToken === null) throw new Error('A new data directory already has an owner.')
  await client.call('createOwner', { body: { token: server.setupToken.reveal(), email: 'ask@example.invalid', name: 'Ask', password: randomBytes(24).toString('base64url') } })
  return { client, close: server.close }
}

async function run(client: Client, question: string, { json, model, server }: AskOptions): Promise<void> {
  const chosen = model ?? (server === undefined ? 'sallyport/library' : undefined)
  let questionNotices: readonly Notice[] = []
  let ending: Extract<TurnEvent, { name: 'turn-end' }>['data'] | undefined
  const conversation = await client.call('createConversation', { body: {} })
  const body = { text: question, ...(chosen !== undefined && { model: chosen }) }
  for await (const event of client.events('createTurn', { params: { conversationId: conversation.id }, body })) {
    if (event.name === 'text-delta' && json === undefined) process.stdout.write(forTerminal(event.data.text))
    if (event.name === 'turn-start') questionNotices = event.data.question?.notices ?? []
    if (event.name === 'turn-end') ending = event.data
  }
  if (server !== undefined) await client.call('deleteConversation', { params: { conversationId: conversation.id } })
  const answer = ending?.answer
  if (ending === undefined || answer === null || answer === undefined) throw new Error('The answer ended before it was whole. Try again.')
  if (json === true) {
    const { text, citations, notices, model: answered } = answer
    process.stdout.write(`${JSON.stringify({ question, answer: text, model: answered, status: ending.status, citations, notices: [...questionNotices, ...notices], usage: ending.usage })}\n`)
  } else {
    const sources = answer.citations.map(({ number, title, heading }) => `  [${number}] ${title}${heading === '' ? '' : ` - ${heading}`}`)
    process.stdout.write(`\n${sources.length === 0 ? '' : `\nSources\n${forTerminal(sources.join('\n'))}\n`}`)
  }
  if (ending.status !== 'complete') throw new Error(`The answer ended as "${ending.status}".`)
}
