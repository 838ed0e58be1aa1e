import type { ReplyOf } from '@sallyport/contract'
import { ChecksField, TextField } from '../../ui/field.tsx'
import { wordsOf } from '../../ui/words-of.ts'
import type { PageProblem } from '../../wire/problem.ts'
import { fieldProblem } from '../../wire/problem.ts'
import type { RequestOf } from '../../wire/call.ts'

type Key = ReplyOf<'listKeys'>['items'][number]
type Settings = Pick<RequestOf<'changeKey'>['body'], 'scopes' | 'addresses' | 'limits'>
type Permission = NonNullable<Key['scopes']['permissions']>[number]
type Collection = NonNullable<Key['scopes']['collections']>[number]

/** What programs do with a key, in words. A key that keeps something else keeps it when it is changed here. */
const permissions = [
  { value: 'chat:write', label: 'Ask questions' }, { value: 'chat:read', label: 'Read conversations' }, { value: 'model:read', label: 'List models and see what is used' },
  { value: 'knowledge:read', label: 'Read documents' }, { value: 'knowledge:write', label: 'Add and delete documents' },
] as const satisfies readonly { readonly value: Permission; readonly label: string }[]
const collections = [
  { value: 'handbook', label: 'The handbook' }, { value: 'shared', label: 'Shared documents' }, { value: 'mine', label: 'Documents of the account' },
] as const satisfies readonly { readonly value: Collection; readonly label: string }[]
const all = { permissions: permissions.map(({ value }) => value), collections: collections.map(({ value }) => value) }

/** What is typed. An empty text limits nothing, and neither does a list in which everything is chosen. */
export interface LimitsDraft {
  readonly permissions: readonly Permission[]
  readonly collections: readonly Collection[]
  readonly models: string
  readonly operations: string
  readonly addresses: string
  readonly turnsPerDay: string
  readonly tokensPerDay: string
  readonly requestsPerMinute: string
}
export const noLimits: LimitsDraft = { ...all, models: '', operations: '', addresses: '', turnsPerDay: '', tokensPerDay: '', requestsPerMinute: '' }

const textOf = (value: number | readonly string[] | null): string => value === null ? '' : typeof value === 'number' ? String(value) : value.join(' ')
export const limitsDraftOf = ({ scopes, addresses, limits }: Key): LimitsDraft => ({
  permissions: scopes.permissions ?? all.permissions, collections: scopes.collections ?? all.collections, models: textOf(scopes.models), operations: textOf(scopes.operations),
  addresses: textOf(addresses), turnsPerDay: textOf(limits.turnsPerDay), tokensPerDay: textOf(limits.tokensPerDay), requestsPerMinute: textOf(limits.requestsPerMinute),
})

const listOf = (text: string): string[] | null => {
  const words = wordsOf(text)
  return words.length === 0 ? null : words
}
const numberOf = (text: string): number | null => (text === '' ? null : Number(text))
/** Null where everything is chosen: then it also holds what there will be later. */
const chosenOf = <Value extends string>(chosen: readonly Value[], every: readonly Value[]): Value[] | null => (every.every((value) => chosen.includes(value)) ? null : [...chosen])

export const limitsOf = (draft: LimitsDraft) => ({
  scopes: { permissions: chosenOf(draft.permissions, all.permissions), collections: chosenOf(draft.collections, all.collections), models: listOf(draft.models), operations: listOf(draft.operations) },
  addresses: listOf(draft.addresses),
  limits: { turnsPerDay: numberOf(draft.turnsPerDay), tokensPerDay: numberOf(draft.tokensPerDay), requestsPerMinute: numberOf(draft.requestsPerMinute) },
}) satisfies Settings

interface FieldsProps { readonly draft: LimitsDraft; readonly onDraft: (draft: LimitsDraft) => void; readonly problem: PageProblem | null }

/** What a key may do at most. Nothing here gives more than the account has. */
export function LimitsFields({ draft, onDraft, problem }: FieldsProps) {
  const set = (change: Partial<LimitsDraft>): void => onDraft({ ...draft, ...change })
  const refusal = (field: string) => fieldProblem(problem, `${field}/0`) ?? fieldProblem(problem, field)
  return (
    <div className="flex flex-col gap-4">
      <ChecksField legend="What it may do" hint="Of what the account may do." choices={permissions} chosen={draft.permissions} onChosen={(chosen) => set({ permissions: chosen })} />
      {refusal('scopes/permissions') !== undefined && <p className="text-sm font-medium text-danger">{refusal('scopes/permissions')}</p>}
      <ChecksField legend="Documents it may use" choices={collections} chosen={draft.collections} onChosen={(chosen) => set({ collections: chosen })} />
      {refusal('scopes/collections') !== undefined && <p className="text-sm font-medium text-danger">{refusal('scopes/collections')}</p>}
      <TextField label="Models" placeholder="openai/* ollama/llama3" hint="With spaces between them. Left empty, all that you may use." value={draft.models} onChange={({ target }) => set({ models: target.value })} refusal={refusal('scopes/models')} />
      <TextField label="Operations" placeholder="gatewayChat" hint="By their names in the API description. Left empty, all." value={draft.operations} onChange={({ target }) => set({ operations: target.value })} refusal={refusal('scopes/operations')} />
      <TextField label="From addresses" placeholder="203.0.113.0/24" hint="Left empty, from everywhere." value={draft.addresses} onChange={({ target }) => set({ addresses: target.value })} refusal={refusal('addresses')} />
      <TextField label="Questions in a day" type="number" min={1} max={1_000_000} hint="Left empty, as many as your account may ask." value={draft.turnsPerDay} onChange={({ target }) => set({ turnsPerDay: target.value })} refusal={refusal('limits/turnsPerDay')} />
      <TextField label="Tokens in a day" type="number" min={1_000} max={1_000_000_000} hint="Of questions and answers together." value={draft.tokensPerDay} onChange={({ target }) => set({ tokensPerDay: target.value })} refusal={refusal('limits/tokensPerDay')} />
      <TextField label="Requests in a minute" type="number" min={1} max={10_000} value={draft.requestsPerMinute} onChange={({ target }) => set({ requestsPerMinute: target.value })} refusal={refusal('limits/requestsPerMinute')} />
    </div>
  )
}
