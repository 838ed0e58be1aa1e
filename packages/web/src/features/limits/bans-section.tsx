import type { Penalty } from '@sallyport/contract'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Nothing, Row, RowWords, Rows, Until } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'

const kinds: Readonly<Record<Penalty['kind'], string>> = { address: 'Address', account: 'Account', key: 'API key' }

/** Who is kept out or has lower limits, why, and until when. */
export function BansSection() {
  const { value, problem, reload } = useReply('listBans', {})
  return (
    <section aria-labelledby="bans" className="flex flex-col gap-3">
      <h2 id="bans" className="font-display text-xl">Kept out, or slowed down</h2>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>Nobody is kept out, and nobody has lower limits.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Bans">{value.items.map((penalty) => <BanRow key={penalty.id} penalty={penalty} onLifted={reload} />)}</Rows>}
    </section>
  )
}

function BanRow({ penalty: { id, kind, subject, name, step, allowance, why, until, bans }, onLifted }: { readonly penalty: Penalty; readonly onLifted: () => void }) {
  const lifting = useAction(async () => {
    await withProof(() => call('liftBan', { params: { banId: id } }))
    announce('It is lifted.')
    onLifted()
  })
  const who = `${kinds[kind]} ${name ?? subject}`
  return (
    <Row>
      <RowWords>
        <p className="font-medium [overflow-wrap:anywhere]">{who}</p>
        <p className="text-sm text-ink-soft">{step === 'banned' ? 'Kept out' : `Limits at ${Math.round(allowance * 100)} %${step === 'challenged' && kind !== 'key' ? ', and asked to show that it is no program' : ''}`} until <Until at={until} />: {why}{bans > 1 && ` · ${bans} times of late`}</p>
        <ProblemNotice problem={lifting.problem} />
      </RowWords>
      <Button busy={lifting.busy} onClick={() => void lifting.run()} aria-label={`Lift it for ${who}`}>Lift</Button>
    </Row>
  )
}
