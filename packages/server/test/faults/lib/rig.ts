import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Conversation, Message, NewKey } from '@sallyport/contract'
import * as z from 'zod'
import type { VendorScript } from '../../../src/testing/vendor-script.ts'
import { startVendorServer, type VendorScenario, type VendorServer } from '../../../src/testing/vendor-server.ts'
import { makeScratch } from './places.ts'
import { createRandom } from './random.ts'
import { startServer, type ServerOptions, type ServerProcess } from './server.ts'
import { must, type Remote, type Target } from './wire.ts'

/** As much as the policy lets an administrator allow: these runs are about faults, not about limits. */
const WIDE_LIMITS = { 'limits.banPoints': '1000000000', 'load.loopDelayMilliseconds': '600000', 'resilience.breakerFailures': '1000000', 'limits.turnsPerMinute': '1000000', 'limits.concurrentTurns': '1000', 'limits.requestsPerMinute': '10000000', 'limits.rates': '{"turn-by-address":10000000,"turn-by-key":100000000,"conversation":100000,"conversation-by-key":1000000}' }
const PIECES = ['so ', 'the ', 'gate ', 'öffnet ', 'sich\n', '世界 ', '👋🏽 ', 'only ', 'once, ', 'twice; ', '“never” ', '\n\n- ', '`x` ', 'ask jane.doe@example.org ', 'and ', 'then ']

/** What a vendor says to a question: always the same to the same one, of a length of its own, with words that the guard masks. */
export function scriptOf(question: string): VendorScript {
  const random = createRandom(createHash('sha256').update(question).digest().readUInt32LE())
  const words = (count: number) => Array.from({ length: count }, () => random.pick(PIECES))
  return { reasoning: words(random.between(0, 6)), text: words(random.between(10, 120)) }
}

/** A server of its own over a throw-away directory, with an owner, a key, and vendors on this machine. It can be killed and started again. */
export interface Rig extends AsyncDisposable {
  readonly directory: string
  server(): ServerProcess
  /** Over TCP with an API key, as a program would. */
  remote(): Remote
  /** Over the administration socket, where no rates are counted. */
  local(): Target
  /** Starts the server again over the same directory. The one before must have ended. */
  restart(change?: Partial<ServerOptions>): Promise<void>
}

export interface RigOptions {
  readonly flags?: Readonly<Record<string, string>>
  readonly patches?: ServerOptions['patches']
  /** Their names become the providers' names; the model is `NAME/model-a`. */
  readonly vendors?: Readonly<Record<string, VendorServer>>
  /** Where the data lies; a throw-away directory when left out. */
  readonly directory?: string
}

/** Starts a server and sets it up. */
export async function startRig({ flags = {}, patches = [], vendors = {}, directory }: RigOptions = {}): Promise<Rig> {
  const scratch = directory === undefined ? makeScratch() : { directory, [Symbol.dispose]: () => { /* its maker removes it */ } }
  const options: ServerOptions = { directory: scratch.directory, patches, flags: { ...WIDE_LIMITS, 'library.wordMilliseconds': '1', ...flags } }
  let server = await startServer(options)
  try {
    const local: Target = { socketPath: server.socketPath }
    await must(local, 'POST /api/v1/setup', { token: server.setupToken, email: 'owner@example.org', name: 'Owner', password: 'correct horse battery staple 7' })
    const key = NewKey.parse(await must(local, 'POST /api/v1/keys', { name: 'faults' })).value
    for (const [name, vendor] of Object.entries(vendors)) {
      await must(local, `PUT /api/v1/providers/${name}`, { adapter: 'openai-compatible', baseUrl: vendor.baseUrl, credential: 'sk-faults-credential', allowPrivateAddress: true, models: ['model-a'] })
    }
    return {
      directory: scratch.directory, server: () => server, local: () => local, remote: () => ({ port: server.port, key }),
      async restart(change = {}) { server = await startServer({ ...options, ...change }) },
      async [Symbol.asyncDispose]() {
        await server.kill()
        scratch[Symbol.dispose]()
      },
    }
  } catch (error) {
    await server.kill()
    scratch[Symbol.dispose]()
    throw error
  }
}

/** A vendor that answers to every question with its script, so many milliseconds from word to word. */
export const startVendor = (scenario: VendorScenario = {}): Promise<VendorServer> =>
  startVendorServer('openai-compatible', { script: ({ question }) => scriptOf(question), ...scenario })

/** Begins conversations. */
export const beginConversations = (target: Target, count: number): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, async () => Conversation.parse(await must(target, 'POST /api/v1/conversations', {})).id))

const MessagePage = z.object({ items: z.array(Message), next: z.string().nullable() })

/** Everything in a conversation, oldest first. */
export async function readMessages(target: Target, conversationId: string): Promise<readonly Message[]> {
  const messages: Message[] = []
  let before: string | null = null
  do {
    const page: z.output<typeof MessagePage> = MessagePage.parse(await must(target, `GET /api/v1/conversations/${conversationId}/messages?limit=100${before === null ? '' : `&before=${before}`}`))
    messages.unshift(...page.items)
    before = page.next
  } while (before !== null)
  return messages
}

export const dataDirectoryOf = (directory: string): string => join(directory, 'data', 'sallyport')
