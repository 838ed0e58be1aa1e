import type { FormerStore } from '@sallyport/contract'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Moment, Nothing, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { Section } from '../account/section.tsx'
import { withProof } from '../proof/proof.ts'

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** What there is to know of one beyond its dates. */
function Held({ store: { state, holds } }: { readonly store: FormerStore }) {
  if (holds !== null) return <p className="text-sm text-ink-soft">It holds {counted(holds.accounts, 'account')}, {counted(holds.conversations, 'conversation')} and {counted(holds.documents, 'document')}, with all that belongs to them.</p>
  return <p className="text-sm font-medium text-brass">{state === 'closed' ? 'It does not open, for the key of this server is another or it is damaged: whoever is erased now stays in it. Remove it when you need it no more.' : 'Its keys are destroyed: nothing sealed in it opens any more. The server may not drop it; whoever owns its tables can.'}</p>
}

function FormerRow({ store, onRemoved }: { readonly store: FormerStore; readonly onRemoved: () => void }) {
  const { name, laidAsideAt, endsAt, state } = store
  return (
    <Row>
      <RowWords>
        <p className="font-mono text-[0.9375rem] [overflow-wrap:anywhere]">{name}</p>
        <p className="text-sm text-ink-soft">Laid aside <Moment at={laidAsideAt} />{state !== 'keys-destroyed' && <> · removed by itself <Moment at={endsAt} /></>}</p>
        <Held store={store} />
      </RowWords>
      {state !== 'keys-destroyed' && <ConfirmButton label={`Remove ${name}`} title="Remove this store?" consequence="What was here before the restore goes with it, and cannot be put back. Remove it when nothing of it is missed." verb="Remove" done="It is removed." onConfirm={async () => {
        await withProof(() => call('removeFormerStore', { params: { formerStoreName: name } }))
        onRemoved()
      }} />}
    </Row>
  )
}

/** What restores replaced: everybody's data of before, which stays for some days and can be removed sooner. */
export function FormerStores() {
  const { value, problem, reload } = useReply('listFormerStores', {})
  return (
    <Section title="Laid aside by restores" purpose="A restore removes nothing: what was here before is kept for some days, with everybody’s data of that time. Whoever is erased meanwhile is erased there too.">
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>No restore has laid anything aside.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Stores that lie aside">{value.items.map((store) => <FormerRow key={store.name} store={store} onRemoved={reload} />)}</Rows>}
    </Section>
  )
}
