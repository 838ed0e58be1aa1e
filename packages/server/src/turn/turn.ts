import type { Citation, Notice, TurnStatus, Usage } from '@sallyport/contract'
import type { PseudonymMap } from '@sallyport/guard'
import type { WriteStep } from '../database/database.ts'
import type { ConversationStore } from '../domains/conversations/index.ts'
import type { KeptAnswer } from '../domains/answer-cache/index.ts'
import type { ResolvedModel } from '../domains/models/index.ts'
import type { Caller } from '../kernel/handler.ts'
import type { ProblemError } from '../kernel/problem.ts'
import type { RateStanding } from '../kernel/rates.ts'
import type { Scope } from '../kernel/scope.ts'
import type { Spending } from './spending.ts'
import type { FinishReason, GroundingPassage, ModelEvent, ModelMessage, ModelOptions, ModelRequest } from '../ports/model-provider.ts'

declare const stage: unique symbol
type At<Name extends string, Shape> = Shape & { readonly [stage]: Name }

/** The shape of a turn without its mark. */
export type Unmarked<Turn> = Omit<Turn, typeof stage>

/** Which door a turn came through. All of them lead to the same line. */
export type Entrance = 'conversation' | 'chat' | 'gateway'

/** A typed call that asks for an answer, whatever the entrance. */
export interface Received {
  readonly turnId: string
  readonly entrance: Entrance
  readonly caller: Caller
  /** Null where nothing is kept. */
  readonly conversationId: string | null
  readonly model: string | null
  /** The new messages; a conversation's history is added by `identify`. */
  readonly messages: readonly ModelMessage[]
  readonly tools: ModelRequest['tools']
  readonly toolChoice: ModelRequest['toolChoice']
  readonly options: ModelOptions
  readonly choices: number
  readonly streamed: boolean
  /** Whether to search the documents; null leaves it to the model's capabilities. */
  readonly knowledge: boolean | null
  readonly correlationId: string
  readonly startedAt: number
  /** Tells the caller how it stands with the limits of turns. */
  readonly tellRates: (standings: readonly RateStanding[]) => void
  /** Aborts when somebody stops the turn. */
  readonly signal: AbortSignal
}

/** Frees what a turn holds: its place among the account's concurrent turns, and what it reserved of its key's day. */
export interface Lease extends Disposable {
  /** What a turn used, in the place of what it reserved: steps for the batch that ends it. */
  settle(usage: Usage): readonly WriteStep[]
  /** The model that answers: the chosen one, or one that took over from it. */
  readonly answeredBy: string
  /** Another model takes over. False, and nothing has changed, where a budget of its provider has no room. */
  passTo(model: Pick<ResolvedModel, 'id' | 'payer'>): Promise<boolean>
  /** What the models have used so far. */
  readonly spending: Spending
  /** Tokens that each answer may have at most. */
  readonly answerTokens: number
  /** Takes more of the budgets, for an answer that costs more than is held for it. False when one of them has no room. */
  extend(inputTokens: number, outputTokens: number): Promise<boolean>
  /** The problem of a turn for whose input the budgets have no room: which of them, why, and until when. */
  spent(inputTokens: number): Promise<ProblemError>
  /** Tokens that are held for all answers together; null where no budget counts them. */
  readonly heldOutputTokens: number | null
  /** Tokens that are held for what is sent. */
  readonly heldInputTokens: number
  /** What budgets have to say to the reader. */
  readonly notices: Notice[]
}
export interface KeptConversation { readonly id: string; readonly title: string; readonly pseudonyms: PseudonymMap; readonly store: ConversationStore }

export type Identified = At<'identified', Received & {
  readonly scope: Scope
  readonly conversation: KeptConversation | null
  readonly chosen: ResolvedModel
}>
export type Admitted = At<'admitted', Unmarked<Identified> & { readonly lease: Lease }>
export type Screened = At<'screened', Unmarked<Admitted> & {
  readonly notices: readonly Notice[]
  /** The question as its owner's history keeps it. */
  readonly question: string
  /** What the model sees stand-ins for; restored for its owner on the way out (GRD-5). */
  readonly pseudonyms: PseudonymMap
  /** Whether nothing was found in any text that goes to the model. */
  readonly isClean: boolean
}>
export type Grounded = At<'grounded', Unmarked<Screened> & {
  readonly passages: readonly GroundingPassage[]
  readonly citations: readonly Citation[]
  /** A random word in our own instructions; null where we gave none. */
  readonly canary: string | null
}>

/** How an answer ended, as far as it says whether the same may be given again. */
export interface EndedAnswer { readonly status: TurnStatus; readonly finish: FinishReason | null; readonly text: string; readonly reasoning: string; readonly usage: Usage; readonly notices: readonly Notice[] }
/** What the answer cache has for a request whose answer may be kept. */
export interface Recalled {
  /** The answer to exactly this request; null where the model must be asked. */
  readonly answer: KeptAnswer | null
  /** What it spares, in millionths of money. */
  readonly savedMoney: number
  /** Steps for the batch that ends the turn: they count that the answer was given again, or keep it where that may be. */
  end(answer: EndedAnswer): Promise<readonly WriteStep[]>
}
export type Prepared = At<'prepared', Unmarked<Grounded> & {
  /** Null where the request is none whose answer may be kept. */
  readonly recalled: Recalled | null
}>

/** What leaves the model stage: untrusted. */
export type RawEvents = AsyncIterable<ModelEvent>
/** What the output guard lets through, and what it says about it. */
export type ClearedEvent = ModelEvent | MarkedToolCall | { readonly type: 'notice'; readonly notice: Notice }
/** The first event of a tool call that a person must approve before it is carried out. */
export type MarkedToolCall = Extract<ModelEvent, { type: 'tool-call-delta' }> & { readonly needsApproval?: true }
export type ClearedEvents = AsyncIterable<ClearedEvent> & { readonly [stage]: 'cleared' }

/** Whether an answer was kept for the request. Null where none may be. */
export type CacheOutcome = 'hit' | 'miss'

/** What a turn gives to whoever listens. `start` means that the question is durable, `end` that the answer is. */
export type TurnOutput =
  | { readonly type: 'start'; readonly model: string; readonly questionId: string | null; readonly answerId: string | null; readonly cache: CacheOutcome | null }
  | { readonly type: 'passages'; readonly citations: readonly Citation[] }
  /** Another model than the chosen one answers. It comes before the first of its answer. */
  | { readonly type: 'model'; readonly model: string }
  | ClearedEvent
  | { readonly type: 'end'; readonly model: string; readonly answerId: string | null; readonly status: TurnStatus; readonly usage: Usage; readonly text: string; readonly citations: readonly Citation[]; readonly notices: readonly Notice[] }
